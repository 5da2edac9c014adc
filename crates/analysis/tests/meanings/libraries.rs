//! What goroutines of well-known libraries are doing, from stacks that people have published.
//!
//! `libraries.txt` has, for each line of the table below, the functions of a stack as they are in the report that is
//! named, without arguments; functions of programs are made up.

use analysis::{Meanings, Rules};

use crate::from_dump::snapshot_of;

/// Goroutine, meaning, whether that is healthy, owner, route, pool.
type Expected = (u64, &'static str, bool, &'static str, Option<&'static str>, Option<&'static str>);

const EXPECTED: &[Expected] = &[
    // https://github.com/redis/go-redis/issues/2247
    (
        1,
        "CACHE_ACQUIRE",
        false,
        "example.com/shop/prices",
        Some("example.com/shop/handlers.Price"),
        Some("redis"),
    ),
    // https://github.com/TheThingsArchive/ttn/issues/551
    (2, "WORKER_IDLE", true, "gopkg.in/redis.v5/internal/pool", None, Some("redis")),
    // https://github.com/gomodule/redigo/issues/236
    (3, "CACHE_ACQUIRE", false, "main", None, Some("redis")),
    // https://github.com/gomodule/redigo/issues/464
    (4, "CACHE_WAIT", false, "main", None, Some("redis")),
    // https://github.com/IBM/sarama/issues/2781
    (5, "WORKER_IDLE", true, "github.com/Shopify/sarama", None, None),
    // https://github.com/linkedin/Burrow/issues/549
    (6, "WORKER_IDLE", true, "github.com/Shopify/sarama", None, None),
    // https://github.com/IBM/sarama/pull/1442
    (7, "WORKER_IDLE", true, "github.com/Shopify/sarama", None, None),
    // the same library, when nobody reads its messages
    (8, "QUEUE_BACKLOG", false, "github.com/IBM/sarama", None, None),
    // https://github.com/segmentio/kafka-go/issues/955
    (9, "WORKER_IDLE", true, "github.com/segmentio/kafka-go", None, None),
    // https://github.com/segmentio/kafka-go/issues/955
    (10, "QUEUE_RECEIVE", true, "example.com/shop/orders", None, None),
    // https://github.com/confluentinc/confluent-kafka-go/issues/1108
    (11, "QUEUE_RECEIVE", true, "github.com/confluentinc/confluent-kafka-go/v2/kafka", None, None),
    // https://github.com/confluentinc/confluent-kafka-go/issues/1016
    (12, "CGO_CALL", false, "main", None, None),
    // https://github.com/google/syzkaller/issues/7232
    (13, "WORKER_IDLE", true, "google.golang.org/grpc/internal/transport", None, None),
    // https://github.com/hashicorp/terraform/issues/21691
    (14, "WORKER_IDLE", true, "google.golang.org/grpc", None, None),
    // https://github.com/hashicorp/terraform/issues/21691
    (15, "WORKER_IDLE", true, "google.golang.org/grpc", None, None),
    // https://github.com/grpc/grpc-go/issues/3308
    (16, "RPC_CLIENT_IDLE", true, "google.golang.org/grpc/internal/transport", None, None),
    // https://github.com/grpc/grpc-go/issues/2796
    (17, "RPC_WAIT", false, "example.com/shop/pb", Some("Prices/Get"), None),
    // https://github.com/grpc/grpc-go/issues/2140
    (18, "RPC_SERVER", false, "example.com/shop/pb", Some("Shop/Watch"), None),
    // https://github.com/derailed/k9s/issues/700
    (19, "WORKER_IDLE", true, "k8s.io/apimachinery/pkg/util/wait", None, None),
    // https://github.com/operator-framework/operator-sdk/issues/2476
    (20, "WORKER_IDLE", true, "k8s.io/apimachinery/pkg/util/wait", None, None),
    // https://github.com/operator-framework/operator-sdk/issues/2476
    (21, "WORKER_IDLE", true, "k8s.io/client-go/util/workqueue", None, None),
    // the worker of a controller that has nothing to do
    (22, "WORKER_IDLE", true, "main", None, None),
    // the same worker at work: what it waits for is not the queue
    (23, "NET_READ", false, "main", None, None),
    // a pgx pool that is used up
    (24, "DB_ACQUIRE", false, "example.com/shop/orders", None, Some("pgx")),
    // singleflight: the followers wait, the leader works
    (25, "CACHE_LOCK", false, "example.com/shop/prices", None, None),
    // singleflight: the leader
    (26, "TIMER", false, "example.com/shop/prices", None, None),
    // a lock in a cache
    (27, "CACHE_LOCK", false, "example.com/shop/pricecache", None, None),
    // an errgroup
    (28, "WAIT_GROUP", false, "main", None, None),
    // gin
    (29, "CHANNEL_SEND", false, "example.com/shop/handlers", Some("example.com/shop/handlers.Report"), None),
    // Not idle: a handler below a consumer group of sarama
    (30, "NET_READ", false, "main", None, None),
    // Not idle: a handler below gRPC
    (31, "TIMER", false, "main", None, None),
    // Not idle: a handler below the middleware of OpenTelemetry
    (
        32,
        "CHANNEL_RECEIVE",
        false,
        "github.com/acme/api/reports",
        Some("github.com/acme/api/reports.Handle"),
        None,
    ),
    // Not idle: a callback below nats
    (33, "CHANNEL_RECEIVE", false, "main", None, None),
    // Not idle: a callback of an informer
    (34, "COND", false, "main", None, None),
    // Not idle: https://github.com/confluentinc/confluent-kafka-go/issues/1016
    (35, "CGO_CALL", false, "main", None, None),
];

#[test]
fn stacks_of_libraries_are_known() {
    let snapshot = snapshot_of(include_str!("libraries.txt"), Some("example.com/shop"));
    assert_eq!(snapshot.goroutines.len(), EXPECTED.len());
    let meanings = Meanings::new(Rules::built_in(), &snapshot);
    let mut wrong = Vec::new();
    for (goroutine, expected) in snapshot.goroutines.iter().zip(EXPECTED) {
        let u = meanings.of(goroutine);
        let owner = u.owner.as_deref().unwrap_or_default();
        let name = u.name().unwrap_or_default();
        let (route, pool) = (u.route.as_deref(), u.pool.as_deref());
        let found = (goroutine.id.0, name, u.healthy().is_some(), owner, route, pool);
        if found != *expected {
            wrong.push(format!("found {found:?}\nwant  {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
