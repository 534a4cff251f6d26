import { Link } from '@tanstack/react-router'
import type { Source } from '../../api/answers.ts'
import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { actionIcons } from '../../components/action-icons.ts'
import { Icon } from '../../components/icon.tsx'
import { Time } from '../../components/time.tsx'
import type { useSourceActions } from './source-actions.ts'
import { sourceState } from './source-state.ts'
import styles from './source-table.module.css'

interface Props {
  sources: readonly Source[]
  actions: ReturnType<typeof useSourceActions>
  remove: (source: Source) => void
}

const columns = ['Source', 'State', 'Last check', 'Next check', 'Failures', 'Articles']

export function SourceTable({ sources, actions, remove }: Props) {
  return (
    <div className={styles.scroller} role="group" aria-label="Sources" tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <SourceRow key={source.id} source={source} actions={actions} remove={remove} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function SourceRow({ source, actions, remove }: Omit<Props, 'sources'> & { source: Source }) {
  const { id, title, url, kind, category, active, outcomeDetail, failures, lastCheckedAt, articleCount } = source
  const { tone, label } = sourceState(source)
  return (
    <tr>
      <th scope="row">
        <span className={styles.title}>{title}</span>
        <span className={styles.url} title={url}>
          {[kind, category, url].filter(Boolean).join(' · ')}
        </span>
      </th>
      <td>
        <Badge tone={tone}>{label}</Badge>
        {outcomeDetail !== null && (
          <span className={styles.detail} title={outcomeDetail}>
            {outcomeDetail}
          </span>
        )}
      </td>
      <td>{lastCheckedAt === null ? '–' : <Time at={lastCheckedAt} />}</td>
      <td>{active ? <Time at={source.nextCheckAt} /> : '–'}</td>
      <td className={failures > 0 ? styles.failing : undefined}>{failures}</td>
      <td>
        <Link to="/articles" search={{ source: id }} aria-label={`${articleCount} articles of ${title}`}>
          {articleCount}
        </Link>
      </td>
      <td>
        <span className={styles.actions}>
          <Action icon="refresh" label={`Check ${title} now`} run={() => actions.check.mutate(source)} />
          <Action
            icon={active ? 'pause' : 'resume'}
            label={active ? `Pause ${title}` : `Resume ${title}`}
            run={() => actions.setActive.mutate({ source, active: !active })}
          />
          <Action icon="trash" label={`Remove ${title}`} run={() => remove(source)} />
        </span>
      </td>
    </tr>
  )
}

function Action({ icon, label, run }: { icon: keyof typeof actionIcons; label: string; run: () => void }) {
  return (
    <Button look="quiet" aria-label={label} title={label} onClick={run}>
      <Icon path={actionIcons[icon]} />
    </Button>
  )
}
