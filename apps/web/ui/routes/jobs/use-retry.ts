import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, dataOf } from '../../api/client.ts'
import { notify, notifyProblem } from '../../components/notices.tsx'
import { patchJobs } from '../../live/patch-jobs.ts'

/** Starts a dead job over. The row shows it at once; the list is asked again in any case. */
export function useRetry() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (jobId: string) => dataOf(api.POST('/api/v1/jobs/{jobId}/retry', { params: { path: { jobId } } })),
    onMutate: (jobId) => patchJobs(queries, jobId, (job) => ({ ...job, state: 'waiting' })),
    onSuccess: ({ queued }) => notify(queued ? 'The job starts over' : 'The same work waits already'),
    onError: notifyProblem,
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['job-counts'] })
      return queries.invalidateQueries({ queryKey: ['jobs'] })
    },
  })
}
