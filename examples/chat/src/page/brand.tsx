export function Brand() {
  return (
    <p className="brand">
      <span className="brand-mark" aria-hidden="true" />
      Typewire chat
    </p>
  )
}
