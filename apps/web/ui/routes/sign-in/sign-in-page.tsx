import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { type FormEvent, useEffect, useEffectEvent } from 'react'
import { api, dataOf } from '../../api/client.ts'
import { accountQuery } from '../../api/queries.ts'
import { Button } from '../../components/button.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import styles from './sign-in-page.module.css'

const route = getRouteApi('/sign-in')

type Proof = { link: string } | { name: string; password: string }

/** By the one-time link, whose secret stands after `#` and so never reached a server, or by name and password. */
export function SignInPage() {
  const signIn = useSignIn()
  const useLink = useEffectEvent(() => {
    const link = window.location.hash.slice(1)
    if (link === '') return
    // The secret leaves the address and the history before anything else.
    window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search)
    signIn.mutate({ link })
  })
  useEffect(() => useLink(), [])

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    signIn.mutate({ name: form.get('name') as string, password: form.get('password') as string })
  }
  const byLink = signIn.variables !== undefined && 'link' in signIn.variables
  return (
    <main className={styles.page}>
      <title>Sign in · Dayshift</title>
      <form className={styles.form} onSubmit={submit} aria-busy={signIn.isPending}>
        <h1>Sign in to Dayshift</h1>
        <p role="status">{signIn.isPending && byLink ? 'Signing in with the link …' : ''}</p>
        {signIn.error && <ProblemNote error={signIn.error} />}
        <label>
          Name
          <input name="name" required autoComplete="username" maxLength={200} />
        </label>
        <label>
          Password
          <input name="password" type="password" required autoComplete="current-password" maxLength={128} />
        </label>
        <Button look="primary" type="submit" disabled={signIn.isPending}>
          Sign in
        </Button>
        <p className={styles.hint}>No password yet? Every start of Dayshift prints a link that signs you in once.</p>
      </form>
    </main>
  )
}

function useSignIn() {
  const queries = useQueryClient()
  const router = useRouter()
  const { from } = route.useSearch()
  return useMutation({
    mutationFn: (body: Proof) => dataOf(api.POST('/api/v1/session', { body })),
    onSuccess: ({ account }) => {
      queries.clear()
      queries.setQueryData(accountQuery.queryKey, account)
      router.history.replace(from ?? '/articles')
    },
  })
}
