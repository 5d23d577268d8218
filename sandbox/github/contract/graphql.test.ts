/** Each way in which a GraphQL document or its variables can leave GitHub's schema is caught. */
import { describe, expect, it } from 'vitest'
import { createContract } from './index.ts'

const { graphql } = createContract()
const react = 'mutation($input: AddReactionInput!) { addReaction(input: $input) { reaction { content } } }'

describe('a GraphQL document', () => {
  it('passes when the schema has it', () => {
    expect(graphql('query($n: String!) { repository(owner: "acme", name: $n) { id } }', { n: 'models' })).toEqual([])
    expect(graphql(react, { input: { subjectId: 'IC_1', content: 'EYES' } })).toEqual([])
  })

  it.each([
    [
      'a field that does not exist',
      '{ repository(owner: "a", name: "b") { owner { nick } } }',
      {},
      /Cannot query field "nick"/,
    ],
    [
      'an argument that does not exist',
      '{ repository(owner: "a", title: "b") { id } }',
      {},
      /Unknown argument "title"/,
    ],
    ['no selection on an object', '{ rateLimit }', {}, /must have a selection/],
    ['text that does not parse', '{ rateLimit {', {}, /Syntax Error/],
    [
      'a word outside the list',
      react,
      { input: { subjectId: 'x', content: 'WAVE' } },
      /does not exist in "ReactionContent"/,
    ],
    ['a missing input', react, { input: { content: 'EYES' } }, /Field "subjectId" of required type/],
    [
      'an unknown input',
      react,
      { input: { subjectId: 'x', content: 'EYES', emoji: 1 } },
      /Field "emoji" is not defined/,
    ],
    ['a missing variable', react, {}, /Variable "\$input" of required type/],
    ['a variable that nobody declared', '{ rateLimit { cost } }', { login: 'a' }, /\$login is given but not declared/],
    [
      'a declared variable that nobody uses',
      'query($a: Int) { rateLimit { cost } }',
      {},
      /Variable "\$a" is never used/,
    ],
  ])('is caught: %s', (_, document, variables, problem) => {
    expect(graphql(document, variables).join('\n')).toMatch(problem)
  })
})
