package org.pipecatmanager.domain.engine;

import java.util.regex.Pattern;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.out.RequestException;

/** Which starts make sense on a platform. Looks at the request alone, before anything is written. */
final class PlatformRules {
    /** {@code openai.gpt-5}, also {@code openai:gpt-5}. */
    private static final Pattern LLM_TYPE = Pattern.compile("[^.:\\s]+[.:]\\S+");

    private PlatformRules() {}

    /**
     * Passes, or says what is wrong.
     *
     * @throws RequestException 400
     */
    static void check(StartCommand command) {
        if (!command.agent().isEmpty()) {
            throw RequestException.invalid(
                    "AGENT",
                    "agent is '" + command.agent() + "'; on a platform the assistant comes with the reference");
        }
        if (command.referenceType() == ReferenceType.NONE) {
            throw RequestException.invalid("REFERENCE_TYPE", "reference_type is empty; use call or ai_call");
        }
        if (command.referenceId().equals(Ids.ZERO)) {
            throw RequestException.invalid(
                    "REFERENCE_ID",
                    "reference_id is not given; name the "
                            + command.referenceType().wireName() + " that is served");
        }
        if (command.llmType().isEmpty() && command.referenceType() == ReferenceType.CALL) {
            throw RequestException.invalid(
                    "LLM_TYPE", "llm_type is empty, which a call needs; use <vendor>.<model>, such as openai.gpt-5");
        }
        if (!command.llmType().isEmpty() && !LLM_TYPE.matcher(command.llmType()).matches()) {
            throw RequestException.invalid(
                    "LLM_TYPE", "llm_type is '" + command.llmType() + "'; use <vendor>.<model>, such as openai.gpt-5");
        }
    }
}
