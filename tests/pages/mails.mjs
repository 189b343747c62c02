// The mails and the help page as HTML, made by the code with settings of ours.

import { execFileSync } from 'node:child_process'

const ROOT = new URL('../..', import.meta.url)

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
export const helpPage = (variables) =>
  execFileSync('cargo', ['run', '--quiet', '--locked', '--example', 'help_page'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...variables },
  })

/** The mails by kind, with these settings and NAME as the user's name. */
export const mails = (variables) =>
  JSON.parse(
    execFileSync('cargo', ['run', '--quiet', '--locked', '--example', 'mails'], {
      cwd: ROOT,
      encoding: 'utf8',
      maxBuffer: 2 ** 24,
      env: { ...process.env, ...variables },
    }),
  )
