import type { FormEvent } from 'react'
import { Button } from '../../components/button.tsx'
import { ModalDialog } from '../../components/modal-dialog.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import styles from './new-source-dialog.module.css'
import type { NewSource, useSourceActions } from './source-actions.ts'

interface Props {
  add: ReturnType<typeof useSourceActions>['add']
  close: () => void
}

/** What was typed stays until the source is added. */
export function NewSourceDialog({ add, close }: Props) {
  const closeAndForget = (): void => {
    add.reset()
    close()
  }
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    add.mutate(readForm(new FormData(event.currentTarget)), { onSuccess: closeAndForget })
  }
  return (
    <ModalDialog title="Add a source" close={closeAndForget}>
      <form className={styles.form} onSubmit={submit}>
        <label>
          Address
          <input name="url" type="url" required maxLength={2000} placeholder="https://example.org/feed.xml" />
        </label>
        <fieldset>
          <legend>What is there</legend>
          <label>
            <input type="radio" name="kind" value="feed" defaultChecked /> A feed
          </label>
          <label>
            <input type="radio" name="kind" value="page" /> A page that lists articles
          </label>
        </fieldset>
        <label>
          Title <small>optional</small>
          <input name="title" maxLength={200} />
        </label>
        <label>
          Category <small>optional</small>
          <input name="category" maxLength={100} />
        </label>
        {add.error && <ProblemNote error={add.error} />}
        <div className={styles.actions}>
          <Button onClick={closeAndForget}>Cancel</Button>
          <Button look="primary" type="submit" disabled={add.isPending}>
            Add and check
          </Button>
        </div>
      </form>
    </ModalDialog>
  )
}

function readForm(form: FormData): NewSource {
  const text = (name: string): string => {
    const value = form.get(name)
    return typeof value === 'string' ? value.trim() : ''
  }
  return {
    url: text('url'),
    kind: text('kind') === 'page' ? 'page' : 'feed',
    ...(text('title') && { title: text('title') }),
    ...(text('category') && { category: text('category') }),
  }
}
