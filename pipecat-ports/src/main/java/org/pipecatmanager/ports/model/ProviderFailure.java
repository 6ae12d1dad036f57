package org.pipecatmanager.ports.model;

/**
 * A provider failed in a call, in the words of docs/protocol/runner-link.md. Empty for what the runner did not say.
 *
 * @param part     {@code llm}, {@code stt}, {@code tts} or {@code tool}
 * @param provider its name in the runner's table, or the tool's
 * @param kind     what happened, for instance {@code rate_limit}
 * @param action   what the runner did about it, for instance {@code switched}
 * @param to       who took over, where somebody did
 */
public record ProviderFailure(String part, String provider, String kind, String action, String to) {}
