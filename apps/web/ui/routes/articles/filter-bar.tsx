import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type ArticleFilter, sourcesQuery } from '../../api/queries.ts'
import { Icon } from '../../components/icon.tsx'
import { icons } from '../../components/icons.ts'
import styles from './filter-bar.module.css'

/** What narrows the list. The address holds it, so that Back restores it. */
export function FilterBar({ filter }: { filter: ArticleFilter }) {
  const navigate = useNavigate()
  const { data: sources = [] } = useQuery(sourcesQuery)
  const { source, ...others } = filter
  return (
    <div className={styles.bar}>
      <h1>Articles</h1>
      <select
        aria-label="Source"
        value={source ?? ''}
        onChange={({ target: { value } }) =>
          void navigate({ to: '/articles', search: { ...others, ...(value !== '' && { source: value }) } })
        }
      >
        <option value="">All sources</option>
        {sources.map(({ id, title, articleCount }) => (
          <option key={id} value={id}>
            {title} ({articleCount})
          </option>
        ))}
      </select>
      {(['technique', 'indicator'] as const).map((name) => {
        const { [name]: value, ...rest } = filter
        return (
          value !== undefined && (
            <Link
              key={name}
              to="/articles"
              search={rest}
              className={styles.chip}
              aria-label={`Remove the filter ${value}`}
            >
              <span>{value}</span>
              <Icon path={icons.close} />
            </Link>
          )
        )
      })}
    </div>
  )
}
