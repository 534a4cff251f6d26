import { Button, buttonClass } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { actionIcons } from '../../components/action-icons.ts'
import { icons } from '../../components/icons.ts'
import styles from './pane-bar.module.css'
import { useWalk } from './walk.ts'

/** What can be done with the open article; every key has its button. */
export function PaneBar({ url }: { url: string | undefined }) {
  const { canGo, go, close } = useWalk()
  return (
    <div className={styles.bar}>
      <Button look="quiet" aria-label="Close the article" title="Close (Esc)" onClick={close}>
        <Icon path={icons.close} />
      </Button>
      <Button
        look="quiet"
        aria-label="Previous article"
        title="Previous (k)"
        disabled={!canGo(-1)}
        onClick={() => go(-1)}
      >
        <Icon path={icons.up} />
      </Button>
      <Button look="quiet" aria-label="Next article" title="Next (j)" disabled={!canGo(1)} onClick={() => go(1)}>
        <Icon path={actionIcons.down} />
      </Button>
      {url !== undefined && (
        <a href={url} target="_blank" rel="noopener noreferrer" className={`${buttonClass()} ${styles.original}`}>
          Open original
          <Icon path={actionIcons.external} />
        </a>
      )}
    </div>
  )
}
