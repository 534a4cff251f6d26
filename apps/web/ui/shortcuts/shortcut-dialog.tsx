import { ModalDialog } from '../components/modal-dialog.tsx'
import { listShortcuts, useShortcutSwitch } from './use-shortcuts.ts'
import styles from './shortcut-dialog.module.css'

const names: Record<string, string> = { Escape: 'Esc' }

/** Every key of the page that is shown, and the switch for people whom single keys get in the way of. */
export function ShortcutDialog({ close }: { close: () => void }) {
  const [on, setOn] = useShortcutSwitch()
  return (
    <ModalDialog title="Keyboard shortcuts" close={close}>
      <dl className={styles.keys}>
        {listShortcuts().map(({ key, label }) => (
          <div key={key}>
            <dt>
              <kbd>{names[key] ?? key}</kbd>
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
      <label className={styles.switch}>
        <input type="checkbox" checked={on} onChange={(event) => setOn(event.target.checked)} />
        Single-key shortcuts are on
      </label>
    </ModalDialog>
  )
}
