package org.pipecatmanager.ports.wire;

import java.util.Map;
import org.pipecatmanager.ports.model.Team;

/** A team of assistants as ai-manager answers it. */
public final class TeamWire {
    private TeamWire() {}

    /**
     * Reads {@code id}, {@code start_member_id} and {@code members[]} of {@code id}, {@code name}, {@code ai_id},
     * {@code transitions[]}, each of {@code function_name}, {@code description}, {@code next_member_id}.
     *
     * @throws org.pipecatmanager.ports.out.RequestException a field is malformed
     */
    public static Team fromMap(Map<String, ?> map) {
        var reader = new MapReader(map);
        return new Team(
                reader.uuid("id"),
                reader.uuid("start_member_id"),
                reader.each("members").stream().map(TeamWire::member).toList());
    }

    private static Team.Member member(MapReader reader) {
        return new Team.Member(
                reader.uuid("id"),
                reader.text("name"),
                reader.uuid("ai_id"),
                reader.each("transitions").stream().map(TeamWire::transition).toList());
    }

    private static Team.Transition transition(MapReader reader) {
        return new Team.Transition(
                reader.text("function_name"), reader.text("description"), reader.uuid("next_member_id"));
    }
}
