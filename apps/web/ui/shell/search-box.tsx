import { useNavigate, useSearch } from '@tanstack/react-router'
import { useRef } from 'react'
import { Icon } from '../components/icon.tsx'
import { icons } from '../components/icons.ts'
import { useShortcuts } from '../shortcuts/use-shortcuts.ts'
import styles from './shell.module.css'

/** Asks from every page; shows the question of the address. */
export function SearchBox() {
  const navigate = useNavigate()
  const { q = '' } = useSearch({ strict: false })
  const input = useRef<HTMLInputElement>(null)
  const focus = (): void => {
    input.current?.focus()
    input.current?.select()
  }
  useShortcuts([{ key: '/', label: 'Search', run: focus }])
  return (
    <form
      role="search"
      className={styles.search}
      onSubmit={(event) => {
        event.preventDefault()
        const asked = input.current?.value.trim() ?? ''
        if (asked !== '') void navigate({ to: '/search', search: { q: asked } })
      }}
    >
      <Icon path={icons.search} />
      <input
        key={q}
        ref={input}
        type="search"
        defaultValue={q}
        aria-label="Search articles"
        placeholder="Search words, meaning, indicators"
        maxLength={2000}
        autoComplete="off"
        spellCheck={false}
        onKeyDown={({ key, currentTarget }) => key === 'Escape' && currentTarget.blur()}
      />
      <kbd aria-hidden="true">/</kbd>
    </form>
  )
}
