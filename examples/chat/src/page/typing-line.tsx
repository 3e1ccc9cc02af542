/** `Ada is typing …`, `Ada and Grace are …`, `Ada, Grace and 2 more are …` */
export function TypingLine({ names: [first, second, ...more] }: { names: readonly string[] }) {
  return (
    <p className="typing" aria-live="polite">
      {first !== undefined && (
        <>
          <bdi>{first}</bdi>
          {second !== undefined && (more.length > 0 ? ', ' : ' and ')}
          {second !== undefined && <bdi>{second}</bdi>}
          {more.length > 0 && ` and ${more.length} more`}
          {second === undefined ? ' is typing …' : ' are typing …'}
        </>
      )}
    </p>
  )
}
