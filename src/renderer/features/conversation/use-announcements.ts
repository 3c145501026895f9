// SPDX-License-Identifier: GPL-3.0-or-later

import { type Ref, ref, watch } from 'vue';
import { useI18n } from 'vue-i18n';
import type { TimelineItem } from '#shared/model/timeline.ts';
import { isAlarming } from '../../stores/conversation-state.ts';
import { useConversation } from '../../stores/conversation.ts';
import { useWords } from './use-words.ts';

/** A long message is read in the list; here only its beginning is said. */
const MOST_SPOKEN = 300;

interface Announcements {
  /** For `role=status`: said when there is a pause. */
  readonly polite: Ref<string>;
  /** For `role=alert`: said at once. */
  readonly urgent: Ref<string>;
  /** For another `role=status`: what became of a message of ours. */
  readonly turnedOut: Ref<string>;
  /** For `role=log`: what came in. */
  readonly arrived: Ref<string>;
}

/** What a screen reader hears by itself: each change of state once, and each thing that comes in. */
export function useAnnouncements(): Announcements {
  const { t } = useI18n();
  const { name, state, time } = useWords();
  const conversation = useConversation();
  const polite = ref('');
  const urgent = ref('');
  const turnedOut = ref('');
  const arrived = ref('');

  watch(
    () => [conversation.id, conversation.view?.state] as const,
    ([id, now], [previousId, before]) => {
      if (now === undefined || before === undefined || id !== previousId) {
        polite.value = '';
        urgent.value = '';
        return;
      }
      const words = state.value.whole;
      urgent.value = isAlarming(now) ? words : '';
      polite.value = isAlarming(now) ? '' : words;
    },
  );

  function toWords(item: TimelineItem): string {
    if (item.kind === 'tombstone') {
      const { count, at } = item;
      return t('conversation.prose--tombstone', { count, time: time(at) }, count);
    }
    if (item.kind !== 'message' || item.direction === 'out') return '';
    return t('conversation.announce.message', {
      name: name.value,
      text: item.text.slice(0, MOST_SPOKEN),
      mark: t(`conversation.label--${item.protection}-message`),
    });
  }

  watch(
    () => conversation.outcome,
    (outcome) => {
      turnedOut.value =
        outcome === undefined
          ? ''
          : t(`conversation.announce.${outcome.what}`, { time: time(outcome.at) });
    },
  );

  // Emptied when the item is removed, so that its text does not stay behind.
  watch(
    () => conversation.arrived,
    (item) => {
      arrived.value = item === undefined ? '' : toWords(item);
    },
  );

  return { polite, urgent, turnedOut, arrived };
}
