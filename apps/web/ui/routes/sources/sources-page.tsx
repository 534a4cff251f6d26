import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import type { Source } from '../../api/answers.ts'
import { sourcesQuery } from '../../api/queries.ts'
import { EmptyNote } from '../../components/empty-note.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { ImportResult } from './import-result.tsx'
import { useSourceActions } from './source-actions.ts'
import { SourceTable } from './source-table.tsx'
import { SourceTools } from './source-tools.tsx'
import styles from './sources-page.module.css'

const NewSourceDialog = lazy(async () => ({ default: (await import('./new-source-dialog.tsx')).NewSourceDialog }))
const ConfirmDialog = lazy(async () => ({
  default: (await import('../../components/confirm-dialog.tsx')).ConfirmDialog,
}))

export function SourcesPage() {
  const sources = useQuery(sourcesQuery)
  const actions = useSourceActions()
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<Source>()
  const { importList, remove } = actions
  return (
    <div className={styles.page}>
      <title>Sources · Dayshift</title>
      <SourceTools
        count={sources.data?.length}
        add={() => setAdding(true)}
        importFile={(file) => importList.mutate(file)}
        isImporting={importList.isPending}
      />
      {importList.data && <ImportResult result={importList.data} close={importList.reset} />}
      {sources.isPending && <Skeleton rows={8} heightRem={3.5} />}
      {sources.isError && <ProblemNote error={sources.error} retry={() => void sources.refetch()} />}
      {sources.data?.length === 0 && (
        <EmptyNote title="No sources yet">Add a feed or a page, or import an OPML list.</EmptyNote>
      )}
      {sources.data && sources.data.length > 0 && (
        <SourceTable sources={sources.data} actions={actions} remove={setRemoving} />
      )}
      <Suspense>
        {adding && <NewSourceDialog add={actions.add} close={() => setAdding(false)} />}
        {removing && (
          <ConfirmDialog
            title={`Remove ${removing.title}?`}
            detail={`Its ${removing.articleCount} articles go with it. This cannot be undone; pausing keeps them.`}
            action="Remove"
            confirm={() => {
              remove.mutate(removing)
              setRemoving(undefined)
            }}
            close={() => setRemoving(undefined)}
          />
        )}
      </Suspense>
    </div>
  )
}
