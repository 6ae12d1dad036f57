package org.pipecatmanager.daemon.architecture.violators.adapter.amqp;

import com.google.protobuf.ByteString;
import io.opentelemetry.api.trace.Tracer;
import org.java_websocket.WebSocket;

record AdapterWithAForeignDriver(WebSocket socket, ByteString bytes, Tracer tracer) {}
