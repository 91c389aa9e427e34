/** The settings in force, with secrets masked by the server. */
import { useQuery } from '@tanstack/react-query';
import type { SettingInForce } from '../../contract/admin.ts';
import { listSettings } from '../api/admin.ts';
import { useText } from '../languages/text.ts';
import { LoadState } from '../ui/load-state.tsx';
import { Table } from './table.tsx';

export function InForcePage() {
  const text = useText();
  const settings = useQuery({
    queryKey: ['admin', 'settings'],
    queryFn: ({ signal }) => listSettings(signal),
    staleTime: 0,
  });
  if (!settings.data) return <LoadState queries={[settings]} />;
  return (
    <Table<SettingInForce>
      label={text('admin.settings')}
      heads={[text('admin.setting'), text('admin.value'), text('admin.about')]}
      items={settings.data}
      keyOf={({ name }) => name}
      cellsOf={({ name, value, is_default, about }) => [
        <code key="name">{name}</code>,
        <span key="value" dir="ltr" className="block min-w-[110px] [overflow-wrap:anywhere]">
          {value} {is_default && <span className="text-faint">({text('admin.default')})</span>}
        </span>,
        <span key="about" lang="en" dir="ltr" className="block min-w-[220px]">
          {about.split('`').map((part, index) => (index % 2 === 0 ? part : <code key={index}>{part}</code>))}
        </span>,
      ]}
    />
  );
}
