import { type ReactNode, useEffect, useState } from 'react'
import { Button } from './button.tsx'
import { actionIcons } from './action-icons.ts'
import { Icon } from './icon.tsx'
import { notify } from './notices.tsx'

const CONFIRMED_MS = 1500

/** Copies a text and shows that it did. */
export function CopyButton({ text, label, children }: { text: string; label: string; children?: ReactNode }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), CONFIRMED_MS)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
      notify('Copied')
    } catch {
      // Browsers give the clipboard to https and localhost only.
      notify('The browser did not allow copying. It does on https and on localhost.', true)
    }
  }
  return (
    <Button look="quiet" aria-label={label} title={label} onClick={() => void copy()}>
      <Icon path={copied ? actionIcons.check : actionIcons.copy} />
      {children}
    </Button>
  )
}
