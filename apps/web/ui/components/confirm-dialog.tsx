import { AlertDialog } from '@base-ui/react/alert-dialog'
import { CSPProvider } from '@base-ui/react/csp-provider'
import { Button } from './button.tsx'
import styles from './modal-dialog.module.css'

interface Props {
  title: string
  detail: string
  action: string
  confirm: () => void
  close: () => void
}

/** Asks before something that cannot be undone. Load it lazily: it brings Base UI. */
export function ConfirmDialog({ title, detail, action, confirm, close }: Props) {
  return (
    <CSPProvider disableStyleElements>
      <AlertDialog.Root open onOpenChange={(open) => !open && close()}>
        <AlertDialog.Portal>
          <AlertDialog.Backdrop className={styles.backdrop} />
          <AlertDialog.Popup className={styles.popup}>
            <AlertDialog.Title className={styles.title}>{title}</AlertDialog.Title>
            <AlertDialog.Description className={styles.detail}>{detail}</AlertDialog.Description>
            <div className={styles.actions}>
              <Button onClick={close}>Cancel</Button>
              <Button look="danger" onClick={confirm}>
                {action}
              </Button>
            </div>
          </AlertDialog.Popup>
        </AlertDialog.Portal>
      </AlertDialog.Root>
    </CSPProvider>
  )
}
