import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef } from 'react'
import styles from './virtual-list.module.css'

export interface VirtualListHandle {
  /** Brings a row into view, moving no more than needed, and the focus to its link when asked. */
  reveal(index: number, options: { focus: boolean }): void
  scrollToTop(): void
  isAtTop(): boolean
}

interface Props<Item> {
  label: string
  items: readonly Item[]
  keyOf: (item: Item) => string
  /** All rows are equally high. */
  rowHeightRem: number
  /** More rows can be asked for, so that their number is not known yet. */
  hasMore: boolean
  onEnd: () => void
  /** Under this name the list keeps its place while it is away. */
  placeName: string
  handle?: Ref<VirtualListHandle>
  /** For rows without links: then the list itself takes the focus, and keys scroll it. */
  takesFocus?: boolean
  children: (item: Item) => ReactNode
}

const places = new Map<string, number>()
const FRAMES_TO_MOUNT = 10
const AHEAD = 12

/** A list of any length with only the rows in view in the document. */
export function VirtualList<Item>(props: Props<Item>) {
  const { label, items, keyOf, rowHeightRem, hasMore, onEnd, placeName, handle, takesFocus, children } = props
  const scroller = useRef<HTMLDivElement>(null)
  const rowPx = rowHeightRem * parseFloat(getComputedStyle(document.documentElement).fontSize)
  // oxlint-disable-next-line react/incompatible-library -- React Compiler is not used here
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => keyOf(items[index] as Item),
    initialOffset: () => places.get(placeName) ?? 0,
    overscan: 6,
  })
  const rows = virtualizer.getVirtualItems()

  const last = rows.at(-1)?.index ?? -1
  const nearEnd = hasMore && last >= items.length - AHEAD
  useEffect(() => {
    if (nearEnd) onEnd()
  }, [nearEnd, items.length, onEnd])

  useImperativeHandle(handle, () => ({
    reveal(index, { focus }) {
      virtualizer.scrollToIndex(index, { align: 'auto' })
      if (focus) focusRow(scroller.current, index)
    },
    scrollToTop: () => virtualizer.scrollToOffset(0),
    isAtTop: () => (scroller.current?.scrollTop ?? 0) < rowPx / 2,
  }))

  return (
    <div
      ref={scroller}
      className={styles.scroller}
      {...(takesFocus && { tabIndex: 0, role: 'group', 'aria-label': label })}
      onScroll={({ currentTarget }) => places.set(placeName, currentTarget.scrollTop)}
    >
      <ul aria-label={label} className={styles.rows} style={{ height: virtualizer.getTotalSize() }}>
        {rows.map(({ key, index, start }) => (
          <li
            key={key}
            data-index={index}
            aria-setsize={hasMore ? -1 : items.length}
            aria-posinset={index + 1}
            className={styles.row}
            style={{ height: rowPx, transform: `translateY(${start}px)` }}
          >
            {children(items[index] as Item)}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** A row far away is mounted some frames after the list was scrolled to it. */
function focusRow(scroller: HTMLElement | null, index: number, frames = FRAMES_TO_MOUNT): void {
  const link = scroller?.querySelector<HTMLElement>(`[data-index="${index}"] a`)
  if (link) link.focus({ preventScroll: true })
  else if (frames > 0) requestAnimationFrame(() => focusRow(scroller, index, frames - 1))
}
