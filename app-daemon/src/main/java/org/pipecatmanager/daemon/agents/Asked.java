package org.pipecatmanager.daemon.agents;

import java.util.function.Consumer;

/**
 * What a reader wanted to know of the file: one question, whether or not the file answers it. The questions of a file that has
 * every section are its whole schema; the reference of the keys is made of them.
 *
 * @param path where in the file: {@code agents.reception.llm.temperature}, {@code agents.reception.tools[0].name}
 * @param type {@code text}, {@code number}, {@code duration}, one of the words that are taken, …
 * @param limit what of that type is taken, empty for all of it
 */
record Asked(String path, String type, String limit) {
    /** For those who only want the answers. */
    static final Consumer<Asked> NOBODY_LISTENS = question -> {};
}
