import { SegmentedControl, Stack, Switch } from "@mantine/core";
import { setPreferences, usePreferences } from "../../lib/preferences.ts";
import { useSession } from "../../lib/session.ts";
import { Badge } from "../../ui/badge.tsx";
import { DefinitionList } from "../../ui/definition-list.tsx";
import { Columns, Panel } from "../../ui/page-header.tsx";
import { PasswordPanel } from "./password-panel.tsx";
import { SessionsPanel } from "./sessions-panel.tsx";

/** Who is signed in, the password, the sessions, and what this browser remembers. */
export function ProfileTab() {
  const session = useSession();
  return (
    <Columns
      main={
        <>
          <SessionsPanel />
          <PasswordPanel />
        </>
      }
      side={
        <>
          <Panel title="You">
            <DefinitionList
              entries={[
                ["Name", session?.user.name],
                ["Email", session?.user.email],
                [
                  "Role",
                  <Badge key="role" tone="accent">
                    {session?.user.role ?? ""}
                  </Badge>,
                ],
                ["Organization", session?.organization.name],
              ]}
            />
          </Panel>
          <Preferences />
        </>
      }
    />
  );
}

function Preferences() {
  const { clock, density, areShortcutsOn } = usePreferences();
  return (
    <Panel title="This browser">
      <Stack gap="md">
        <div>
          <p id="clock-label">Times</p>
          <SegmentedControl
            aria-labelledby="clock-label"
            size="xs"
            fullWidth
            value={clock}
            onChange={(value) => setPreferences({ clock: value === "utc" ? "utc" : "local" })}
            data={[
              { value: "local", label: "Local" },
              { value: "utc", label: "UTC" },
            ]}
          />
        </div>
        <div>
          <p id="density-label">Lists</p>
          <SegmentedControl
            aria-labelledby="density-label"
            size="xs"
            fullWidth
            value={density}
            onChange={(value) => setPreferences({ density: value === "compact" ? "compact" : "comfortable" })}
            data={[
              { value: "comfortable", label: "Comfortable" },
              { value: "compact", label: "Compact" },
            ]}
          />
        </div>
        <Switch
          label="Shortcuts of a single key"
          description="Ctrl+K works in any case."
          checked={areShortcutsOn}
          onChange={(event) => setPreferences({ areShortcutsOn: event.currentTarget.checked })}
        />
      </Stack>
    </Panel>
  );
}
