import { Link } from '@tanstack/react-router'
import { EmptyNote } from './empty-note.tsx'

export function NotFound() {
  return (
    <EmptyNote title="There is no such page">
      <Link to="/articles">To the articles</Link>
    </EmptyNote>
  )
}
