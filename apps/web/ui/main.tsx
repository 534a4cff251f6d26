import './styles/base.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import { createQueries } from './api/create-queries.ts'
import { createPage } from './router.tsx'

const element = document.getElementById('page')
if (!element) throw new Error('index.html has no element with the id "page"')
const queries = createQueries((from) => void page.navigate({ to: '/sign-in', search: { from }, replace: true }))
const page = createPage(queries)
createRoot(element).render(
  <QueryClientProvider client={queries}>
    <RouterProvider router={page} />
  </QueryClientProvider>,
)
