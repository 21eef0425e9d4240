package spring

import (
	"context"
	"fmt"
	"sort"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
)

const dir = "src/main/java/shop/"

var shop = map[string]string{
	dir + "Base.java": `package shop;
@MappedSuperclass public abstract class Base { @Id private Long id; @Column(name = "CreatedAt") private Instant createdAt; public Long getId() { return id; } }`,
	dir + "Order.java": `package shop;
@Entity @Table(name = "t_order")
public class Order extends Base {
  @OneToMany(mappedBy = "order") private List<Item> items;
  @OneToMany(fetch = FetchType.EAGER) private List<Note> notes;
  @OneToMany @BatchSize(size = 50) private Set<Parcel> parcels;
  @ManyToOne(fetch = FetchType.LAZY) @JoinColumn(name = "buyer_id") private Customer customer;
  @ManyToOne private Shop shop;
  private Long externalId;
  private boolean deleted;
  public List<Item> getItems() { return items; }
  public int total() { return items.size(); }
}`,
	dir + "Item.java":     "package shop;\n@Entity public class Item extends Base { @ManyToOne private Order order; }",
	dir + "Note.java":     "package shop;\n@Entity public class Note extends Base { }",
	dir + "Parcel.java":   "package shop;\n@Entity public class Parcel extends Base { }",
	dir + "Shop.java":     "package shop;\n@Entity public class Shop extends Base { private String name; }",
	dir + "Customer.java": "package shop;\n@Entity public class Customer extends Base { private String name; }",
	dir + "OrderRepository.java": `package shop;
public interface OrderRepository extends JpaRepository<Order, Long> {
  List<Order> findByExternalIdAndDeletedFalseOrderByCreatedAtDesc(Long externalId);
  Optional<Order> findFirstByCustomerId(Long id);
  List<Order> findByCustomerNameContaining(String s);
  @Query("select o from Order o join fetch o.items where o.externalId = :id") List<Order> full(Long id);
  @EntityGraph(attributePaths = {"items", "customer"}) List<Order> findByDeletedTrue();
  @Override Order save(Order o);
}`,
	dir + "OrderService.java": "package shop;\npublic interface OrderService { Order one(Long id); }",
	dir + "OrderServiceImpl.java": `package shop;
@Service public class OrderServiceImpl implements OrderService {
  private final OrderRepository orders;
  public OrderServiceImpl(OrderRepository orders) { this.orders = orders; }
  public Order one(Long id) { return orders.findById(id).orElseThrow(); }
}`,
}

func analyze(t *testing.T, files map[string]string) *flow.Result {
	t.Helper()
	all := map[string]string{}
	for p, s := range shop {
		all[p] = s
	}
	for p, s := range files {
		all[p] = s
	}
	p := load.FromFiles(all)
	for _, f := range p.Files {
		if f.Tree != nil && f.Tree.Errors > 0 {
			t.Fatalf("%s does not parse", f.Path)
		}
	}
	return flow.Analyze(context.Background(), p, []flow.Framework{New()})
}

func loads(r *flow.Result) []string {
	set := map[string]bool{}
	for _, l := range r.Loads {
		s := [...]string{"relation", "query", "aggregate", "write"}[l.Kind] + " "
		if l.Kind == flow.LoadRelation {
			s += l.Path
		} else {
			s += l.Query.Model.Table
		}
		set[s] = true
	}
	out := make([]string, 0, len(set))
	for s := range set {
		out = append(out, s)
	}
	sort.Strings(out)
	return out
}

func TestLoads(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		want       []string
	}{
		{"lazy collection in a loop", `for (Order o : orders.findAll()) { o.getItems().size(); }`, []string{"relation items"}},
		{"lazy collection in a stream", `orders.findAll().stream().map(o -> o.getItems().stream().count()).collect(Collectors.toList());`, []string{"relation items"}},
		{"through a method of the entity", `for (Order o : orders.findAll()) { o.total(); }`, []string{"relation items"}},
		{"fetch join", `for (Order o : orders.full(1L)) { o.getItems().size(); }`, nil},
		{"entity graph", `for (Order o : orders.findByDeletedTrue()) { o.getItems().size(); o.getCustomer().getName(); }`, nil},
		{"eager and batched", `for (Order o : orders.findAll()) { o.getNotes().size(); o.getParcels().size(); o.getShop().getName(); }`, nil},
		{"lazy to-one", `for (Order o : orders.findAll()) { o.getCustomer().getName(); }`, []string{"relation customer"}},
		{"id of a proxy", `for (Order o : orders.findAll()) { o.getCustomer().getId(); use(o.getCustomer()); }`, nil},
		{"find in a loop", `for (Long id : ids) { orders.findById(id).orElse(null); }`, []string{"query t_order"}},
		{"find behind an interface", `for (Long id : ids) { service.one(id); }`, []string{"query t_order"}},
		{"find all", `orders.findAllById(ids);`, nil},
		{"exists in a loop", `for (Long id : ids) { orders.existsById(id); }`, []string{"aggregate t_order"}},
		{"save in a loop", `for (Order o : orders.findAll()) { orders.save(o); }`, []string{"write t_order"}},
		{"save all", `orders.saveAll(orders.findAll());`, nil},
		{"one row", `Order o = orders.findById(1L).orElseThrow(); o.getItems().size();`, nil},
		{"proxy", `for (Long id : ids) { orders.getReferenceById(id); }`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := analyze(t, map[string]string{dir + "OrderController.java": `package shop;
@RestController public class OrderController {
  private final OrderRepository orders;
  private final OrderService service;
  @GetMapping("/orders") public void list(List<Long> ids) { ` + tc.body + ` }
}`})
			if got := loads(r); fmt.Sprint(got) != fmt.Sprint(tc.want) {
				t.Errorf("loads %v, want %v", got, tc.want)
			}
			if len(r.Entries) != 1 || r.Entries[0].Name != "GET OrderController.list" {
				t.Errorf("entries %v", r.Entries)
			}
		})
	}
}

func TestDerivedQueries(t *testing.T) {
	for call, want := range map[string]string{
		"findByExternalIdAndDeletedFalseOrderByCreatedAtDesc(1L)": "external_id = deleted truth by CreatedAt true ",
		"findFirstByCustomerId(1L)":                               "buyer_id = limit 1 ",
		"full(1L)":                                                "external_id = ",
	} {
		t.Run(call, func(t *testing.T) {
			r := analyze(t, map[string]string{dir + "A.java": "package shop;\nclass A { OrderRepository orders; void f() { orders." + call + "; } }"})
			got := ""
			for _, q := range r.Queries {
				if q.Site().File.Path != dir+"A.java" {
					continue
				}
				for _, f := range q.Filters {
					got += f.Column + " " + f.Op + " "
				}
				for _, o := range q.Orders {
					got += fmt.Sprintf("by %s %v ", o.Column, o.Desc)
				}
				if q.Limit > 0 {
					got += fmt.Sprintf("limit %d ", q.Limit)
				}
			}
			if got != want {
				t.Errorf("asks %q, want %q", got, want)
			}
		})
	}
}

func TestBatchFetchingIsSilent(t *testing.T) {
	r := analyze(t, map[string]string{
		"src/main/resources/application.yml": "spring:\n  jpa:\n    properties:\n      hibernate:\n        default_batch_fetch_size: 100\n",
		dir + "A.java":                       "package shop;\nclass A { OrderRepository orders; void f() { for (Order o : orders.findAll()) { o.getItems().size(); } } }",
	})
	if got := loads(r); len(got) != 0 {
		t.Errorf("loads %v", got)
	}
}

func TestSplitWords(t *testing.T) {
	for in, want := range map[string]string{"NameAndAndroid": "[Name Android]", "Brand": "[Brand]", "AAndB": "[AAndB]", "OrderIdAndOperator": "[OrderId Operator]"} {
		if got := fmt.Sprint(cutWords(in, "And")); got != want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
	}
}

// Of methods of one name the one with as many parameters runs, and of two beans the primary one.
func TestOverloadsAndPrimaryBeans(t *testing.T) {
	r := analyze(t, map[string]string{
		dir + "Finder.java":       "package shop;\npublic interface Finder { Order find(Long id); }",
		dir + "PlainFinder.java":  "package shop;\n@Service class PlainFinder implements Finder { public Order find(Long id) { return null; } }",
		dir + "CachedFinder.java": "package shop;\n@Service @Primary class CachedFinder implements Finder { OrderRepository orders; public Order find(Long id) { return orders.findById(id).orElse(null); } }",
		dir + "A.java": `package shop;
class A {
  Finder finder; OrderRepository orders;
  @GetMapping("/a") @PreAuthorize("hasAuthority('SYS_ADMIN')") void a(List<Long> ids) { for (Long id : ids) { finder.find(id); } }
  @Scheduled(fixedDelayString = "${poll:5000}") void b(List<Long> ids) { for (Long id : ids) { one(id, 1); } }
  Order one(Long id) { return orders.findById(id).orElse(null); }
  Order one(Long id, int n) { return null; }
}`})
	n := 0
	for _, l := range r.Loads {
		n++
		if l.Site.File.Path != dir+"CachedFinder.java" {
			t.Errorf("a load at %s:%d", l.Site.File.Path, l.Site.Node.Line())
		}
	}
	if n != 1 {
		t.Errorf("%d loads, want the one of the primary bean", n)
	}
	if e, _ := r.EntryOf("GET A.a"); e.Class != flow.EntryAdmin {
		t.Errorf("GET A.a is %q, want admin", e.Class)
	}
	if e, _ := r.EntryOf("job A.b"); e.Period != 5*time.Second {
		t.Errorf("job A.b runs every %s, want 5s", e.Period)
	}
}
