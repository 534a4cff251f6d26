import { Button } from '../../components/button.tsx'
import styles from './sources-page.module.css'

interface Props {
  result: { added: number; known: number; skipped: { url?: string; reason: string }[] }
  close: () => void
}

/** What an import came to; nothing of the list is left out silently. */
export function ImportResult({ result: { added, known, skipped }, close }: Props) {
  return (
    <div role="status" className={styles.result}>
      <div>
        <strong>
          {added} added, {known} known already, {skipped.length} skipped
        </strong>
        {skipped.length > 0 && (
          <ul>
            {skipped.map(({ url, reason }, index) => (
              <li key={index}>
                {url !== undefined && <code>{url}</code>} {reason}
              </li>
            ))}
          </ul>
        )}
      </div>
      <Button look="quiet" onClick={close}>
        Dismiss
      </Button>
    </div>
  )
}
