package org.pipecatmanager.adapter.mysql;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.Page;
import org.pipecatmanager.ports.model.Pipecatcall;

/**
 * One page of records as a statement: from where the page before ended, so that page 1000 costs what page 1 does.
 *
 * @param sql    selects one record more than the page holds, which tells whether there is a next one
 * @param values by parameter name
 */
record Listing(String sql, Map<String, Object> values, int pageSize) {
    static Listing of(ListQuery query) {
        var conditions = new ArrayList<String>();
        var values = new LinkedHashMap<String, Object>();
        conditions.add("tm_delete IS NULL");
        equal("customer_id", query.customerId() == null ? null : Columns.bytes(query.customerId()), conditions, values);
        equal(
                "reference_id",
                query.referenceId() == null ? null : Columns.bytes(query.referenceId()),
                conditions,
                values);
        equal("host_id", query.hostId(), conditions, values);
        equal("status", query.status() == null ? null : query.status().wireName(), conditions, values);
        var after = PageToken.read(query.pageToken());
        if (after != null) {
            values.put("after_id", Columns.bytes(after.id()));
            var created = Columns.time(after.created());
            if (created == null) {
                conditions.add("tm_create IS NULL AND id < :after_id");
            } else {
                values.put("after", created);
                conditions.add("(tm_create < :after OR tm_create = :after AND id < :after_id OR tm_create IS NULL)");
            }
        }
        values.put("rows", query.pageSize() + 1);
        var sql = "SELECT " + RecordRow.COLUMNS + " FROM pipecat_pipecatcalls WHERE " + String.join(" AND ", conditions)
                + " ORDER BY tm_create DESC, id DESC LIMIT :rows";
        return new Listing(sql, values, query.pageSize());
    }

    /** Reads the page. */
    Page<Pipecatcall> read(Handle handle) {
        var calls =
                handle.createQuery(sql).bindMap(values).map(RecordRow.MAPPER).list();
        if (calls.size() <= pageSize) {
            return new Page<>(calls, "");
        }
        var page = calls.subList(0, pageSize);
        return new Page<>(page, PageToken.of(page.getLast()).text());
    }

    private static void equal(
            String column, @Nullable Object value, ArrayList<String> conditions, Map<String, Object> values) {
        if (value != null) {
            conditions.add(column + " = :" + column);
            values.put(column, value);
        }
    }
}
