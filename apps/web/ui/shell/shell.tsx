import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { accountQuery } from '../api/queries.ts'
import { Button } from '../components/button.tsx'
import { Icon } from '../components/icon.tsx'
import { icons } from '../components/icons.ts'
import { Notices } from '../components/notices.tsx'
import { useShortcutKeys, useShortcuts } from '../shortcuts/use-shortcuts.ts'
import { Navigation } from './navigation.tsx'
import { SearchBox } from './search-box.tsx'
import styles from './shell.module.css'
import { startLater } from './later.ts'

const AccountMenu = lazy(async () => ({ default: (await import('./account-menu.tsx')).AccountMenu }))
const ShortcutDialog = lazy(async () => ({
  default: (await import('../shortcuts/shortcut-dialog.tsx')).ShortcutDialog,
}))

/** The frame around every page. */
export function Shell() {
  const [open, setOpen] = useState<'menu' | 'shortcuts'>()
  const accountButton = useRef<HTMLButtonElement>(null)
  const queries = useQueryClient()
  const { data: account } = useQuery(accountQuery)
  useShortcutKeys()
  useShortcuts([{ key: '?', label: 'Show the shortcuts', run: () => setOpen('shortcuts') }])
  useEffect(() => startLater(queries), [queries])
  const close = (): void => setOpen(undefined)
  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        Skip to the content
      </a>
      <header className={styles.header}>
        <span className={styles.brand}>
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M3 17.5h18M7 14a5 5 0 0 1 10 0M12 4v2.2M5.2 7.2l1.5 1.5M18.8 7.2l-1.5 1.5" />
          </svg>
          Dayshift
        </span>
        <SearchBox />
        <Button
          look="quiet"
          aria-label="Keyboard shortcuts"
          aria-haspopup="dialog"
          onClick={() => setOpen('shortcuts')}
        >
          <Icon path={icons.help} />
        </Button>
        <button
          ref={accountButton}
          type="button"
          className={styles.account}
          aria-label={`Account: ${account?.name ?? 'loading'}`}
          aria-haspopup="menu"
          aria-expanded={open === 'menu'}
          onClick={() => setOpen('menu')}
        >
          {account?.name.slice(0, 1).toUpperCase()}
        </button>
      </header>
      <Navigation />
      <main id="main" tabIndex={-1} className={styles.main}>
        <Outlet />
      </main>
      <Suspense>
        {open === 'menu' && (
          <AccountMenu button={accountButton} close={close} showShortcuts={() => setOpen('shortcuts')} />
        )}
        {open === 'shortcuts' && <ShortcutDialog close={close} />}
      </Suspense>
      <Notices />
    </div>
  )
}
