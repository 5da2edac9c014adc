// A few words of which one holds.

interface SegmentsProps<W extends string> {
  readonly name: string;
  readonly value: string;
  readonly options: readonly (readonly [W, string])[];
  readonly onChoose: (word: W) => void;
}

export function Segments<W extends string>({ name, value, options, onChoose }: SegmentsProps<W>) {
  return (
    <fieldset class="segments">
      <legend>{name}</legend>
      {options.map(([word, said]) => (
        <button key={word} type="button" aria-pressed={word === value} onClick={() => onChoose(word)}>
          {said}
        </button>
      ))}
    </fieldset>
  );
}
