// The mails and the help page as HTML, made by the code with settings of ours.

import { example } from './examples.mjs'

export const OURS = {
  ORGANIZATION_NAME: 'Example Corp',
  ACCOUNT_NAME: 'Production',
  CONTACT: 'help@example.com',
  HELP_URL: 'https://wiki.example.com/mfa',
  TIME_ZONE: 'Europe/Berlin',
}

export const KINDS = [
  ...['awaiting-approval', 'digest', 'exemption-ending', 'final-notice', 'quarantine-reminder', 'quarantined'],
  ...['quarantined-by-hand', 'released', 'reminder', 'sign-in-reminder', 'welcome'],
]

/** The help page with these settings. */
export const helpPage = (variables) => example('help_page', variables)

/** The mails by kind, with these settings and NAME as the user's name. */
export const mails = (variables) => JSON.parse(example('mails', variables))
