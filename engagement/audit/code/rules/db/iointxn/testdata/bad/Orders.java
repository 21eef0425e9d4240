class Orders {
  @Transactional
  public void pay(Order order) {
    repository.save(order);
    restTemplate.postForObject(url, order, String.class); // want: db.io-in-txn
  }
}
