export const List = ({ items }: Props) => {
  const [state, setState] = useState<string | null>(null);
  useEffect(() => { fetch(`/api/${state}`); }, [state]);
  return (
    <div className="list" {...rest} onClick={() => load()} data-x='y' hidden>
      {items.map((i) => <ui.Item key={i.id} {...i} />)} text &amp; {/* nothing */}
      <>{state && <b>{state}</b>}</>
    </div>
  );
};
