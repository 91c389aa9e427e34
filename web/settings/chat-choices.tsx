/** Settings for streamed answers, and for notifications when one is complete. */
import { useState } from 'react';
import { useText } from '../languages/text.ts';
import { Choice } from './choice.tsx';
import { subscribeToPush, unsubscribeFromPush } from './push-device.ts';
import { QuietHours } from './quiet-hours.tsx';
import { questionOnTop, tellWhenDone, usePreference } from './preferences.ts';

export function ChatChoices() {
  const text = useText();
  const onTop = usePreference(questionOnTop);
  const tell = usePreference(tellWhenDone);
  const [refused, setRefused] = useState(false);

  async function chooseTell(on: boolean): Promise<void> {
    const allowed = !on || ('Notification' in globalThis && (await Notification.requestPermission()) === 'granted');
    setRefused(!allowed);
    tellWhenDone.choose(on && allowed);
    // Without push messages it is told while a tab is open.
    await (on && allowed ? subscribeToPush() : unsubscribeFromPush()).catch(() => {});
  }

  return (
    <section className="grid gap-3">
      <h2 className="m-0 text-[16px]">{text('settings.answers')}</h2>
      <Choice
        label={text('settings.question-on-top')}
        hint={text('settings.question-on-top-hint')}
        checked={onTop}
        onChange={questionOnTop.choose}
      />
      <Choice
        label={text('settings.tell')}
        hint={text(refused ? 'settings.tell-refused' : 'settings.tell-hint')}
        checked={tell}
        onChange={(on) => void chooseTell(on)}
      />
      {tell && <QuietHours />}
    </section>
  );
}
