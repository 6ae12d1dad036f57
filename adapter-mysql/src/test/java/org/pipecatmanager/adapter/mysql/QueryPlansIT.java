package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.PipecatcallStatus;

/** What is asked often reads an index, not the table: 3000 records, of which 3 are not over. */
@Tag("it")
final class QueryPlansIT {
    private static final int RECORDS = 3000;
    private static final int FEW = 100;

    /** Of our own tables: one that another test made as the platform has it may lack an index. */
    private static final Database database = TestDatabase.emptyServer();

    @BeforeAll
    static void manyCallsAreOver() {
        database.migrate();
        database.jdbi().useTransaction(handle -> {
            var owner = new HostInstance("10.0.0.7", "gone");
            for (long n = 1; n <= RECORDS; n++) {
                var call = n % 1000 == 0 ? Calls.starting(n) : Calls.ended(n);
                HandleStatements.insertRecord(handle, database.dialect(), call, "h", owner);
            }
        });
        database.jdbi()
                .useHandle(handle -> handle.createQuery("ANALYZE TABLE pipecat_pipecatcalls")
                        .mapToMap()
                        .list());
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @ParameterizedTest
    @MethodSource
    void a_page_reads_few_rows_and_sorts_none(ListQuery query) {
        var listing = Listing.of(query);
        for (var step : plan(listing.sql(), listing.values())) {
            assertThat(step.get("key")).as("%s", step).isNotNull();
            assertThat(String.valueOf(step.get("extra"))).as("%s", step).doesNotContain("filesort");
        }
    }

    static Stream<ListQuery> a_page_reads_few_rows_and_sorts_none() {
        var token = new PageToken(Calls.at(1500), Calls.id(1500).value()).text();
        return Stream.of(
                new ListQuery(50, "", null, null, null, null),
                new ListQuery(50, token, null, null, null, null),
                new ListQuery(50, token, null, null, "10.0.0.7", PipecatcallStatus.ENDED));
    }

    @Test
    void a_customers_page_reads_his_rows() {
        var listing = Listing.of(new ListQuery(50, "", Calls.starting(5).customerId(), null, null, null));
        assertThat(plan(listing.sql(), listing.values()))
                .allSatisfy(step -> assertThat(rows(step)).isLessThan(FEW));
    }

    @Test
    void owners_are_read_from_the_calls_that_are_not_over() {
        assertThat(plan(JdbiOrphanedCalls.OWNERS, Map.of("self", "self"))).allSatisfy(step -> {
            assertThat(step.get("key")).isEqualTo("idx_pipecat_pipecatcalls_owner");
            assertThat(rows(step)).isLessThan(FEW);
        });
    }

    private static long rows(Map<String, Object> step) {
        return Long.parseLong(String.valueOf(step.get("rows")));
    }

    private static List<Map<String, Object>> plan(String sql, Map<String, Object> values) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("EXPLAIN " + sql)
                        .bindMap(values)
                        .mapToMap()
                        .list());
    }
}
