//! What has to be so before a step is carried out, by the step's effect.

use crate::effect::Effect;

/// Whether a step with this effect waits until the changes before it were read back. An alert does not: it is about
/// something else, or about a change that was refused.
pub(super) fn needs_read_back(effect: Effect) -> bool {
    match effect {
        Effect::ScheduleRelease
        | Effect::Report
        | Effect::RecordReport
        | Effect::ClaimNotice
        | Effect::Notify
        | Effect::RecordNotice
        | Effect::RestoreRecord
        | Effect::EndQuarantine => true,
        Effect::Alert
        | Effect::RecordAlert
        | Effect::RecordExemption
        | Effect::RecordQuarantine
        | Effect::CountPutBack
        | Effect::Repair
        | Effect::OrderSweep
        | Effect::Contain
        | Effect::Release => false,
    }
}

/// Whether a step with this effect is skipped unless all messages went out.
pub(super) fn needs_all_sent(effect: Effect) -> bool {
    match effect {
        Effect::RecordAlert
        | Effect::RecordReport
        | Effect::RecordNotice
        | Effect::RestoreRecord
        | Effect::EndQuarantine => true,
        Effect::Alert
        | Effect::Report
        | Effect::CountPutBack
        | Effect::Repair
        | Effect::OrderSweep
        | Effect::Contain
        | Effect::Release
        | Effect::RecordExemption
        | Effect::RecordQuarantine
        | Effect::ScheduleRelease
        | Effect::ClaimNotice
        | Effect::Notify => false,
    }
}

/// Whether a step with this effect is skipped if the notice cannot be recorded.
pub(super) fn needs_claim(effect: Effect) -> bool {
    matches!(effect, Effect::Notify | Effect::RecordNotice)
}
