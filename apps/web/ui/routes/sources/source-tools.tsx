import { useRef } from 'react'
import { Button, buttonClass } from '../../components/button.tsx'
import { Icon } from '../../components/icon.tsx'
import { actionIcons } from '../../components/action-icons.ts'
import styles from './sources-page.module.css'

interface Props {
  count: number | undefined
  add: () => void
  importFile: (file: File) => void
  isImporting: boolean
}

export function SourceTools({ count, add, importFile, isImporting }: Props) {
  const file = useRef<HTMLInputElement>(null)
  return (
    <div className={styles.head}>
      <h1>Sources {count !== undefined && <span>{count}</span>}</h1>
      <input
        ref={file}
        type="file"
        accept=".opml,.xml,text/xml,text/x-opml"
        hidden
        onChange={({ target }) => {
          const [chosen] = target.files ?? []
          if (chosen) importFile(chosen)
          // So that the same file can be chosen again.
          target.value = ''
        }}
      />
      <Button disabled={isImporting} onClick={() => file.current?.click()}>
        <Icon path={actionIcons.upload} />
        {isImporting ? 'Importing …' : 'Import OPML'}
      </Button>
      <a href="/api/v1/sources/export" download="dayshift.opml" className={buttonClass()}>
        <Icon path={actionIcons.download} />
        Export OPML
      </a>
      <Button look="primary" aria-haspopup="dialog" onClick={add}>
        <Icon path={actionIcons.plus} />
        Add source
      </Button>
    </div>
  )
}
