import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { jobCountsQuery } from '../api/queries.ts'
import { Icon } from '../components/icon.tsx'
import { icons } from '../components/icons.ts'
import styles from './shell.module.css'

const pages = [
  { to: '/articles', icon: icons.articles, label: 'Articles' },
  { to: '/search', icon: icons.search, label: 'Search' },
  { to: '/sources', icon: icons.sources, label: 'Sources' },
  { to: '/jobs', icon: icons.jobs, label: 'Jobs' },
] as const

export function Navigation() {
  return (
    <nav aria-label="Pages" className={styles.navigation}>
      {pages.map(({ to, icon, label }) => (
        <Link key={to} to={to} activeOptions={{ includeSearch: false }} className={styles.page}>
          <Icon path={icon} />
          <span>{label}</span>
          {to === '/jobs' && <RunningJobs />}
        </Link>
      ))}
    </nav>
  )
}

/** How many jobs are not finished, live. */
function RunningJobs() {
  const { data: counts = [] } = useQuery(jobCountsQuery)
  const open = counts.filter(({ state }) => state === 'running' || state === 'sent' || state === 'waiting')
  const total = open.reduce((sum, { count }) => sum + count, 0)
  const running = open.some(({ state }) => state === 'running')
  if (total === 0) return null
  return (
    <span className={running ? styles.running : styles.queued}>
      {total}
      <span className="visually-hidden"> not finished</span>
    </span>
  )
}
