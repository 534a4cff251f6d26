import { CSPProvider } from '@base-ui/react/csp-provider'
import { Menu } from '@base-ui/react/menu'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { RefObject } from 'react'
import { api } from '../api/client.ts'
import { accountQuery } from '../api/queries.ts'
import { notifyProblem } from '../components/notices.tsx'
import styles from './account-menu.module.css'

interface Props {
  button: RefObject<HTMLButtonElement | null>
  close: () => void
  showShortcuts: () => void
}

export function AccountMenu({ button, close, showShortcuts }: Props) {
  const { data: account } = useQuery(accountQuery)
  const signOut = useSignOut()
  return (
    <CSPProvider disableStyleElements>
      <Menu.Root open onOpenChange={(open) => !open && close()}>
        <Menu.Portal>
          <Menu.Positioner anchor={button} align="end" sideOffset={6} className={styles.positioner}>
            <Menu.Popup className={styles.popup} finalFocus={button} aria-label="Account">
              <Menu.Group>
                <Menu.GroupLabel className={styles.label}>
                  Signed in as <strong>{account?.name}</strong>
                </Menu.GroupLabel>
                <Menu.Item className={styles.item} onClick={showShortcuts}>
                  Keyboard shortcuts
                </Menu.Item>
                <Menu.Item className={styles.item} render={<a href="/api/docs" target="_blank" rel="noreferrer" />}>
                  API documentation
                </Menu.Item>
              </Menu.Group>
              <Menu.Separator className={styles.separator} />
              <Menu.Item className={styles.item} onClick={() => signOut.mutate()}>
                Sign out
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </CSPProvider>
  )
}

function useSignOut() {
  const queries = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: () => api.DELETE('/api/v1/session'),
    onError: notifyProblem,
    onSuccess: async () => {
      await navigate({ to: '/sign-in' })
      queries.clear()
    },
  })
}
