//! The story of one user, told from acts alone: contained when and why, told how, released by what.

use super::act::Act;
use jiff::Timestamp;

/// One episode of a user: from the first notice to the release.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chapter {
    /// Id of the episode, if an act has one.
    pub episode: Option<String>,
    /// How the user was contained; `None` if they were not.
    pub contained: Option<Turn>,
    /// Each time the quarantine was put back.
    pub put_back: Vec<Turn>,
    /// What the user was told, in order.
    pub told: Vec<Telling>,
    /// What the administrators were told of.
    pub alerts: Vec<(Timestamp, String)>,
    /// How the user was released, the last step of it; `None` if they were not.
    pub released: Option<Turn>,
}

/// A change of a user's access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// When.
    pub at: Timestamp,
    /// Code of the cause of the quarantine.
    pub cause: Option<String>,
    /// Why, in words.
    pub why: String,
    /// Name of the event that led to it.
    pub event: String,
    /// Id of that event.
    pub event_id: String,
    /// Who made that call.
    pub actor: String,
}

/// A message to a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// When.
    pub at: Timestamp,
    /// Kind of the message.
    pub kind: String,
    /// How it was sent.
    pub channels: Vec<String>,
    /// Whether it reached the user, as far as the services tell.
    pub reached: Option<bool>,
}

/// The episodes of the user with this id, oldest first.
#[must_use]
pub fn story(acts: &[Act], user_id: &str) -> Vec<Chapter> {
    let is_theirs = |act: &&Act| act.user.as_ref().is_some_and(|user| user.id == user_id);
    let mut acts: Vec<&Act> = acts.iter().filter(is_theirs).collect();
    acts.sort_by_key(|act| act.at);
    let mut chapters: Vec<Chapter> = Vec::new();
    for act in acts {
        if chapters.last().is_none_or(|chapter| chapter.is_closed_to(act)) {
            chapters.push(Chapter::default());
        }
        if let Some(chapter) = chapters.last_mut() {
            chapter.add(act);
        }
    }
    chapters
}

impl Chapter {
    /// Whether an act belongs to a later episode.
    fn is_closed_to(&self, act: &Act) -> bool {
        match (&self.episode, &act.episode) {
            (Some(own), Some(other)) => own != other,
            // Without ids, a release ends an episode. What is said about it is still a part of it.
            _ => self.released.as_ref().is_some_and(|released| act.act != "release" && act.at > released.at),
        }
    }

    fn add(&mut self, act: &Act) {
        self.episode = self.episode.take().or_else(|| act.episode.clone());
        match act.act.as_str() {
            "containment" => match &self.contained {
                None => self.contained = Some(Turn::of(act)),
                // Two tries of an event may tell of the same containment.
                Some(first) if first.event_id == act.event.id || act.done.is_empty() => {}
                Some(_) => self.put_back.push(Turn::of(act)),
            },
            "put-back" => self.put_back.push(Turn::of(act)),
            "release" => self.released = Some(Turn::of(act)),
            _ => {}
        }
        let Some(told) = &act.told else { return };
        if told.audience == "user" {
            self.told.push(Telling {
                at: act.at,
                kind: told.kind.clone(),
                channels: told.channels.clone(),
                reached: told.reached,
            });
        } else {
            self.alerts.push((act.at, told.kind.clone()));
        }
    }
}

impl Turn {
    fn of(act: &Act) -> Self {
        Self {
            at: act.at,
            cause: act.cause.clone(),
            why: act.why.clone(),
            event: act.event.name.clone(),
            event_id: act.event.id.clone(),
            actor: act.event.actor.clone(),
        }
    }
}
