// The list of keys.
import { words } from "../i18n/language.ts";
import { Dialog } from "../parts/dialog.tsx";
import { ROUTES } from "../router/routes.tsx";
import { helpIsOpen } from "./shortcuts.ts";

function Key({ keys, what }: { keys: readonly string[]; what: string }) {
  return (
    <>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{what}</dd>
    </>
  );
}

export function HelpDialog() {
  const { keys, nav } = words.value;
  if (!helpIsOpen.value) return null;
  return (
    <Dialog
      title={keys.title}
      onClose={() => {
        helpIsOpen.value = false;
      }}
    >
      <dl class="keys">
        {ROUTES.flatMap(({ name, key }) =>
          key ? [<Key key={key} keys={["g", key]} what={keys.go(nav[name])} />] : [],
        )}
        <Key keys={["/"]} what={keys.filter} />
        <Key keys={["j"]} what={keys.next} />
        <Key keys={["k"]} what={keys.previous} />
        <Key keys={["Enter"]} what={keys.open} />
        <Key keys={["Esc"]} what={keys.escape} />
        <Key keys={["?"]} what={keys.help} />
      </dl>
    </Dialog>
  );
}
