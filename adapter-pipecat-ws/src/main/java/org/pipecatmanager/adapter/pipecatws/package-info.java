/**
 * Everything spoken with the Python runner, on one port: links (protobuf frames over WebSocket), the runner's callbacks
 * over HTTP, and the daemon's other HTTP routes; and the client that starts and stops pipelines.
 *
 * <p><b>Drives</b> {@link org.pipecatmanager.ports.in.RunnerGate} and {@link
 * org.pipecatmanager.ports.in.ToolCallbacks}; <b>implements</b> {@link org.pipecatmanager.ports.out.RunnerLink} and
 * {@link org.pipecatmanager.ports.out.RunnerLauncher}. Only the daemon may depend on it; its public types name no
 * library.
 *
 * <p><b>Threads.</b> An accepted socket belongs to one loop ({@code runner-links-n}), which reads its head. A request
 * for a link goes to the gate and, admitted, stays on that loop with Java-WebSocket as its codec; listeners hear
 * everything there. Anything else goes, with the bytes read so far, to Jetty ({@code http-io}), and its handler runs on
 * a virtual thread ({@code http-n}).
 *
 * <p><b>From here</b> bot audio goes to the call's bridge, messages to its session. Java-WebSocket logs refused frames
 * at ERROR with a stack trace; a daemon may turn {@code org.java_websocket} off, every link's end is counted and told
 * here.
 */
@org.jspecify.annotations.NullMarked
package org.pipecatmanager.adapter.pipecatws;
