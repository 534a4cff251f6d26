/** The icons of the first page; those of what opens later are in `action-icons.ts`. */
export const icons = {
  articles: 'M5 4h14v16H5z M8.5 8.5h7 M8.5 12h7 M8.5 15.5h4',
  search: 'M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12z M15 15l4.5 4.5',
  sources: 'M5 5a14 14 0 0 1 14 14 M5 11a8 8 0 0 1 8 8 M6 18h.01',
  jobs: 'M4 12h4l2.5-6 4 12 2-6H20',
  close: 'M6 6l12 12 M18 6L6 18',
  up: 'M6 15l6-6 6 6',
  warning: 'M12 4.5l8.5 15h-17z M12 10v4.5 M12 17h.01',
  help: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M9 9.2a3 3 0 1 1 4.2 2.8c-.8.4-1.2 1-1.2 2 M12 17.5h.01',
}
