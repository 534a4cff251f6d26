import type { ComponentProps } from 'react'
import styles from './button.module.css'

export type Look = 'plain' | 'quiet' | 'primary' | 'danger'

export const buttonClass = (look: Look = 'plain'): string => `${styles.button} ${styles[look]}`

/** A button that never submits a form unless it says so. */
export function Button({ look, ...rest }: ComponentProps<'button'> & { look?: Look }) {
  return <button type="button" className={buttonClass(look)} {...rest} />
}
