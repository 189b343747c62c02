//! A permissions boundary that keeps a user from enrolling a device, who then could never get out of a quarantine.
//!
//! In every mode, and before a quarantine too: whoever sets a boundary is still at it, and can mend it.

use super::answer::Answer;
use super::context::Context;
use super::hold::Lookup;
use crate::boundary::{Enrolment, enrolment};
use crate::event::{Event, Trigger};
use crate::facts::{BoundaryText, UserFacts};
use crate::notice::{Blocked, UserAlert};
use crate::posture::{Posture, posture};
use crate::reason::Reason;
use crate::settings::Settings;
use jiff::Timestamp;

/// What has to be looked up: the boundary of a user who has to enrol.
pub(super) fn lookup(event: &Event, user: &UserFacts, settings: &Settings, now: Timestamp) -> Option<Lookup> {
    let Trigger::BoundarySet(arn) = &event.trigger else { return None };
    has_to_enrol(&posture(user, settings, now)).then(|| Lookup::Boundary(arn.clone()))
}

/// What the boundary means for the enrolment.
pub(super) fn answer(context: &Context<'_>) -> Answer {
    let (user, settings) = (context.user, context.settings);
    if !has_to_enrol(&context.posture) {
        return Answer::nothing(Reason::NotContained);
    }
    let blocked = match &user.boundary {
        BoundaryText::NotLooked | BoundaryText::Unreadable => Blocked::Unread,
        BoundaryText::Document(document) => match enrolment(document, &settings.user_arn(user)) {
            Enrolment::Allowed => return Answer::nothing(Reason::NotContained),
            Enrolment::Forbidden => Blocked::Surely,
            Enrolment::Unclear => Blocked::Perhaps,
        },
    };
    let alerts = vec![UserAlert::EnrolmentBlocked(blocked)];
    Answer { alerts, ..Answer::nothing(Reason::EnrolmentBlocked) }
}

fn has_to_enrol(posture: &Posture) -> bool {
    matches!(posture, Posture::InGrace { .. } | Posture::Overdue { .. })
}
