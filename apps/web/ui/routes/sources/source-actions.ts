import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Source } from '../../api/answers.ts'
import { api, dataOf } from '../../api/client.ts'
import { sourcesQuery } from '../../api/queries.ts'
import { notify, notifyProblem } from '../../components/notices.tsx'

export interface NewSource {
  url: string
  kind: 'feed' | 'page'
  title?: string
  category?: string
}

/** What can be done with sources. Each tells what it came to; a change shows at once and is taken back when it failed. */
export function useSourceActions() {
  const queries = useQueryClient()
  const { queryKey } = sourcesQuery
  const askAgain = (): Promise<void> => queries.invalidateQueries({ queryKey })
  const change = (edit: (sources: Source[]) => Source[]): { before: Source[] | undefined } => {
    const before = queries.getQueryData(queryKey)
    if (before) queries.setQueryData(queryKey, edit(before))
    return { before }
  }
  const takeBack = (error: Error, _input: unknown, context: { before: Source[] | undefined } | undefined): void => {
    queries.setQueryData(queryKey, context?.before)
    notifyProblem(error)
  }
  const path = (sourceId: string) => ({ params: { path: { sourceId } } })

  const add = useMutation({
    mutationFn: (body: NewSource) => dataOf(api.POST('/api/v1/sources', { body })),
    onSuccess: ({ title }) => notify(`${title} was added and is checked now`),
    onSettled: askAgain,
  })
  const check = useMutation({
    mutationFn: ({ id }: Source) => dataOf(api.POST('/api/v1/sources/{sourceId}/check', path(id))),
    onSuccess: ({ queued }, { title }) =>
      notify(queued ? `${title} is checked now` : `${title} waits for its check already`),
    onError: notifyProblem,
  })
  const setActive = useMutation({
    mutationFn: ({ source, active }: { source: Source; active: boolean }) =>
      dataOf(api.PATCH('/api/v1/sources/{sourceId}', { ...path(source.id), body: { active } })),
    onMutate: ({ source, active }) =>
      change((sources) => sources.map((other) => (other.id === source.id ? { ...other, active } : other))),
    onSuccess: ({ title, active }) => notify(`${title} is ${active ? 'checked again' : 'paused'}`),
    onError: takeBack,
    onSettled: askAgain,
  })
  const remove = useMutation({
    mutationFn: ({ id }: Source) => api.DELETE('/api/v1/sources/{sourceId}', path(id)),
    onMutate: ({ id }) => change((sources) => sources.filter((other) => other.id !== id)),
    onSuccess: (_nothing, { title }) => notify(`${title} was removed`),
    onError: takeBack,
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['articles'] })
      return askAgain()
    },
  })
  const importList = useMutation({
    mutationFn: async (file: File) =>
      dataOf(
        api.POST('/api/v1/sources/import', {
          body: await file.text(),
          bodySerializer: (text) => text,
          headers: { 'content-type': 'text/x-opml' },
        }),
      ),
    onError: notifyProblem,
    onSettled: askAgain,
  })
  return { add, check, setActive, remove, importList }
}
