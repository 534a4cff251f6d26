export { createAnswerCache, pruneAnswers } from './answers.ts'
