package org.pipecatmanager.ports.wire;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.MemberSwitched;
import org.pipecatmanager.ports.model.MemberSwitched.Member;

/** A team's handover: what the runner reports and what is published. */
public final class MemberWire {
    private MemberWire() {}

    /**
     * What a runner posts to its member-switched address.
     *
     * @param transitionFunctionName the function the model called
     */
    public record Switch(String transitionFunctionName, Member from, Member to) {}

    /**
     * The body {@code {transition_function_name, from_member, to_member}}.
     *
     * @throws org.pipecatmanager.ports.out.RequestException a field is malformed
     */
    public static Switch switchFromMap(Map<String, ?> body) {
        var reader = new MapReader(body);
        return new Switch(
                reader.text("transition_function_name"),
                member(reader.object("from_member")),
                member(reader.object("to_member")));
    }

    /**
     * One member: {@code id}, {@code name}, {@code engine_model}, {@code tts_type}, {@code tts_voice_id}, {@code stt_type}.
     *
     * @throws org.pipecatmanager.ports.out.RequestException a field is malformed
     */
    public static Member memberFromMap(Map<String, ?> map) {
        return member(new MapReader(map));
    }

    private static Member member(MapReader reader) {
        var id = reader.uuid("id");
        return new Member(
                id.equals(Ids.ZERO) ? "" : id.toString(),
                reader.text("name"),
                reader.text("engine_model"),
                reader.text("tts_type"),
                reader.text("tts_voice_id"),
                reader.text("stt_type"));
    }

    /** The identifying keys, then {@code transition_function_name}, {@code from_member}, {@code to_member}. */
    public static Map<String, @Nullable Object> toMap(MemberSwitched switched) {
        return new MapWriter()
                .uuid("customer_id", switched.ref().customerId())
                .ref(switched.ref())
                .text("transition_function_name", switched.transitionFunctionName())
                .always("from_member", toMap(switched.from()))
                .always("to_member", toMap(switched.to()))
                .map();
    }

    /** One member; an unknown id is the zero UUID. */
    public static Map<String, @Nullable Object> toMap(Member member) {
        return new MapWriter()
                .always("id", member.id().isEmpty() ? Ids.ZERO.toString() : member.id())
                .text("name", member.name())
                .text("engine_model", member.engineModel())
                .text("tts_type", member.ttsType())
                .text("tts_voice_id", member.ttsVoiceId())
                .text("stt_type", member.sttType())
                .map();
    }
}
