// Made by: typewire generate typescript tests/cli/fixtures/large-contract.ts
// From the contract large, of the fingerprint JDXhI7sOWg7a-_kFveVpmw.
// Do not edit: change the contract, and make it anew.

import type {
  Client,
  ClientOptionsOf,
  Contract,
  Event,
  Procedure,
  Room as TypewireRoom,
  Schema,
  StreamProcedure,
  UnkeptEmitOptions,
} from '@typewire/client'

export type LargeClientOptions = ClientOptionsOf<Large>
export type LargeClient = Client<Large>

/** Of the contract that this was made from. The server compares it with that of its own. */
export declare const fingerprint: string

/**
 * Creates a client of the contract: `createLargeClient({ url })`.
 * @throws TypeError for a URL that is none; RangeError for a number out of its range.
 */
export declare function createLargeClient(options: LargeClientOptions): LargeClient

export interface Large extends Contract<{
  auth: Schema<LargeAuth, LargeAuth>
  procedures: {
    createAccount: Procedure<CreateAccountInput, Account, CreateAccountErrors>
    createArticle: Procedure<CreateArticleInput, Article, CreateArticleErrors>
    createBasket: Procedure<CreateBasketInput, Basket, CreateBasketErrors>
    createBooking: Procedure<CreateBookingInput, Booking, CreateBookingErrors>
    createBranch: Procedure<CreateBranchInput, Branch, CreateBranchErrors>
    createCampaign: Procedure<CreateCampaignInput, Campaign, CreateCampaignErrors>
    createChannel: Procedure<CreateChannelInput, Channel, CreateChannelErrors>
    createComment: Procedure<CreateCommentInput, Comment, CreateCommentErrors>
    createCompany: Procedure<CreateCompanyInput, Company, CreateCompanyErrors>
    createContact: Procedure<CreateContactInput, Contact, CreateContactErrors>
    createCoupon: Procedure<CreateCouponInput, Coupon, CreateCouponErrors>
    createCourse: Procedure<CreateCourseInput, Course, CreateCourseErrors>
    createCustomer: Procedure<CreateCustomerInput, Customer, CreateCustomerErrors>
    createDevice: Procedure<CreateDeviceInput, Device, CreateDeviceErrors>
    createDocument: Procedure<CreateDocumentInput, Document, CreateDocumentErrors>
    createDriver: Procedure<CreateDriverInput, Driver, CreateDriverErrors>
    createEmployee: Procedure<CreateEmployeeInput, Employee, CreateEmployeeErrors>
    createInvoice: Procedure<CreateInvoiceInput, Invoice, CreateInvoiceErrors>
    createIssue: Procedure<CreateIssueInput, Issue, CreateIssueErrors>
    createLesson: Procedure<CreateLessonInput, Lesson, CreateLessonErrors>
    createMachine: Procedure<CreateMachineInput, Machine, CreateMachineErrors>
    createMeeting: Procedure<CreateMeetingInput, Meeting, CreateMeetingErrors>
    createMessage: Procedure<CreateMessageInput, Message, CreateMessageErrors>
    createOrder: Procedure<CreateOrderInput, Order, CreateOrderErrors>
    createPackage: Procedure<CreatePackageInput, Package, CreatePackageErrors>
    createParcel: Procedure<CreateParcelInput, Parcel, CreateParcelErrors>
    createPayment: Procedure<CreatePaymentInput, Payment, CreatePaymentErrors>
    createPerson: Procedure<CreatePersonInput, Person, CreatePersonErrors>
    createProduct: Procedure<CreateProductInput, Product, CreateProductErrors>
    createProject: Procedure<CreateProjectInput, Project, CreateProjectErrors>
    createRefund: Procedure<CreateRefundInput, Refund, CreateRefundErrors>
    createReport: Procedure<CreateReportInput, Report, CreateReportErrors>
    createReview: Procedure<CreateReviewInput, Review, CreateReviewErrors>
    createRoom: Procedure<CreateRoomInput, Room, CreateRoomErrors>
    createRoute: Procedure<CreateRouteInput, Route, CreateRouteErrors>
    createSensor: Procedure<CreateSensorInput, Sensor, CreateSensorErrors>
    createShift: Procedure<CreateShiftInput, Shift, CreateShiftErrors>
    createStock: Procedure<CreateStockInput, Stock, CreateStockErrors>
    createStore: Procedure<CreateStoreInput, Store, CreateStoreErrors>
    createSupplier: Procedure<CreateSupplierInput, Supplier, CreateSupplierErrors>
    createSurvey: Procedure<CreateSurveyInput, Survey, CreateSurveyErrors>
    createTask: Procedure<CreateTaskInput, Task, CreateTaskErrors>
    createTeam: Procedure<CreateTeamInput, Team, CreateTeamErrors>
    createTicket: Procedure<CreateTicketInput, Ticket, CreateTicketErrors>
    createTrip: Procedure<CreateTripInput, Trip, CreateTripErrors>
    createVehicle: Procedure<CreateVehicleInput, Vehicle, CreateVehicleErrors>
    createVendor: Procedure<CreateVendorInput, Vendor, CreateVendorErrors>
    createVisit: Procedure<CreateVisitInput, Visit, CreateVisitErrors>
    createVoucher: Procedure<CreateVoucherInput, Voucher, CreateVoucherErrors>
    createWarehouse: Procedure<CreateWarehouseInput, Warehouse, CreateWarehouseErrors>
    /** Gives one account. */
    getAccount: Procedure<GetAccountInput, Account, GetAccountErrors>
    /** Gives one article. */
    getArticle: Procedure<GetArticleInput, Article, GetArticleErrors>
    /** Gives one basket. */
    getBasket: Procedure<GetBasketInput, Basket, GetBasketErrors>
    /** Gives one booking. */
    getBooking: Procedure<GetBookingInput, Booking, GetBookingErrors>
    /** Gives one branch. */
    getBranch: Procedure<GetBranchInput, Branch, GetBranchErrors>
    /** Gives one campaign. */
    getCampaign: Procedure<GetCampaignInput, Campaign, GetCampaignErrors>
    /** Gives one channel. */
    getChannel: Procedure<GetChannelInput, Channel, GetChannelErrors>
    /** Gives one comment. */
    getComment: Procedure<GetCommentInput, Comment, GetCommentErrors>
    /** Gives one company. */
    getCompany: Procedure<GetCompanyInput, Company, GetCompanyErrors>
    /** Gives one contact. */
    getContact: Procedure<GetContactInput, Contact, GetContactErrors>
    /** Gives one coupon. */
    getCoupon: Procedure<GetCouponInput, Coupon, GetCouponErrors>
    /** Gives one course. */
    getCourse: Procedure<GetCourseInput, Course, GetCourseErrors>
    /** Gives one customer. */
    getCustomer: Procedure<GetCustomerInput, Customer, GetCustomerErrors>
    /** Gives one device. */
    getDevice: Procedure<GetDeviceInput, Device, GetDeviceErrors>
    /** Gives one document. */
    getDocument: Procedure<GetDocumentInput, Document, GetDocumentErrors>
    /** Gives one driver. */
    getDriver: Procedure<GetDriverInput, Driver, GetDriverErrors>
    /** Gives one employee. */
    getEmployee: Procedure<GetEmployeeInput, Employee, GetEmployeeErrors>
    /** Gives one invoice. */
    getInvoice: Procedure<GetInvoiceInput, Invoice, GetInvoiceErrors>
    /** Gives one issue. */
    getIssue: Procedure<GetIssueInput, Issue, GetIssueErrors>
    /** Gives one lesson. */
    getLesson: Procedure<GetLessonInput, Lesson, GetLessonErrors>
    /** Gives one machine. */
    getMachine: Procedure<GetMachineInput, Machine, GetMachineErrors>
    /** Gives one meeting. */
    getMeeting: Procedure<GetMeetingInput, Meeting, GetMeetingErrors>
    /** Gives one message. */
    getMessage: Procedure<GetMessageInput, Message, GetMessageErrors>
    /** Gives one order. */
    getOrder: Procedure<GetOrderInput, Order, GetOrderErrors>
    /** Gives one package. */
    getPackage: Procedure<GetPackageInput, Package, GetPackageErrors>
    /** Gives one parcel. */
    getParcel: Procedure<GetParcelInput, Parcel, GetParcelErrors>
    /** Gives one payment. */
    getPayment: Procedure<GetPaymentInput, Payment, GetPaymentErrors>
    /** Gives one person. */
    getPerson: Procedure<GetPersonInput, Person, GetPersonErrors>
    /** Gives one product. */
    getProduct: Procedure<GetProductInput, Product, GetProductErrors>
    /** Gives one project. */
    getProject: Procedure<GetProjectInput, Project, GetProjectErrors>
    /** Gives one refund. */
    getRefund: Procedure<GetRefundInput, Refund, GetRefundErrors>
    /** Gives one report. */
    getReport: Procedure<GetReportInput, Report, GetReportErrors>
    /** Gives one review. */
    getReview: Procedure<GetReviewInput, Review, GetReviewErrors>
    /** Gives one room. */
    getRoom: Procedure<GetRoomInput, Room, GetRoomErrors>
    /** Gives one route. */
    getRoute: Procedure<GetRouteInput, Route, GetRouteErrors>
    /** Gives one sensor. */
    getSensor: Procedure<GetSensorInput, Sensor, GetSensorErrors>
    /** Gives one shift. */
    getShift: Procedure<GetShiftInput, Shift, GetShiftErrors>
    /** Gives one stock. */
    getStock: Procedure<GetStockInput, Stock, GetStockErrors>
    /** Gives one store. */
    getStore: Procedure<GetStoreInput, Store, GetStoreErrors>
    /** Gives one supplier. */
    getSupplier: Procedure<GetSupplierInput, Supplier, GetSupplierErrors>
    /** Gives one survey. */
    getSurvey: Procedure<GetSurveyInput, Survey, GetSurveyErrors>
    /** Gives one task. */
    getTask: Procedure<GetTaskInput, Task, GetTaskErrors>
    /** Gives one team. */
    getTeam: Procedure<GetTeamInput, Team, GetTeamErrors>
    /** Gives one ticket. */
    getTicket: Procedure<GetTicketInput, Ticket, GetTicketErrors>
    /** Gives one trip. */
    getTrip: Procedure<GetTripInput, Trip, GetTripErrors>
    /** Gives one vehicle. */
    getVehicle: Procedure<GetVehicleInput, Vehicle, GetVehicleErrors>
    /** Gives one vendor. */
    getVendor: Procedure<GetVendorInput, Vendor, GetVendorErrors>
    /** Gives one visit. */
    getVisit: Procedure<GetVisitInput, Visit, GetVisitErrors>
    /** Gives one voucher. */
    getVoucher: Procedure<GetVoucherInput, Voucher, GetVoucherErrors>
    /** Gives one warehouse. */
    getWarehouse: Procedure<GetWarehouseInput, Warehouse, GetWarehouseErrors>
    listAccounts: Procedure<ListAccountsInput | undefined, ListAccountsOutput, {}>
    listArticles: Procedure<ListArticlesInput | undefined, ListArticlesOutput, {}>
    listBaskets: Procedure<ListBasketsInput | undefined, ListBasketsOutput, {}>
    listBookings: Procedure<ListBookingsInput | undefined, ListBookingsOutput, {}>
    listBranchs: Procedure<ListBranchsInput | undefined, ListBranchsOutput, {}>
    listCampaigns: Procedure<ListCampaignsInput | undefined, ListCampaignsOutput, {}>
    listChannels: Procedure<ListChannelsInput | undefined, ListChannelsOutput, {}>
    listComments: Procedure<ListCommentsInput | undefined, ListCommentsOutput, {}>
    listCompanys: Procedure<ListCompanysInput | undefined, ListCompanysOutput, {}>
    listContacts: Procedure<ListContactsInput | undefined, ListContactsOutput, {}>
    listCoupons: Procedure<ListCouponsInput | undefined, ListCouponsOutput, {}>
    listCourses: Procedure<ListCoursesInput | undefined, ListCoursesOutput, {}>
    listCustomers: Procedure<ListCustomersInput | undefined, ListCustomersOutput, {}>
    listDevices: Procedure<ListDevicesInput | undefined, ListDevicesOutput, {}>
    listDocuments: Procedure<ListDocumentsInput | undefined, ListDocumentsOutput, {}>
    listDrivers: Procedure<ListDriversInput | undefined, ListDriversOutput, {}>
    listEmployees: Procedure<ListEmployeesInput | undefined, ListEmployeesOutput, {}>
    listInvoices: Procedure<ListInvoicesInput | undefined, ListInvoicesOutput, {}>
    listIssues: Procedure<ListIssuesInput | undefined, ListIssuesOutput, {}>
    listLessons: Procedure<ListLessonsInput | undefined, ListLessonsOutput, {}>
    listMachines: Procedure<ListMachinesInput | undefined, ListMachinesOutput, {}>
    listMeetings: Procedure<ListMeetingsInput | undefined, ListMeetingsOutput, {}>
    listMessages: Procedure<ListMessagesInput | undefined, ListMessagesOutput, {}>
    listOrders: Procedure<ListOrdersInput | undefined, ListOrdersOutput, {}>
    listPackages: Procedure<ListPackagesInput | undefined, ListPackagesOutput, {}>
    listParcels: Procedure<ListParcelsInput | undefined, ListParcelsOutput, {}>
    listPayments: Procedure<ListPaymentsInput | undefined, ListPaymentsOutput, {}>
    listPersons: Procedure<ListPersonsInput | undefined, ListPersonsOutput, {}>
    listProducts: Procedure<ListProductsInput | undefined, ListProductsOutput, {}>
    listProjects: Procedure<ListProjectsInput | undefined, ListProjectsOutput, {}>
    listRefunds: Procedure<ListRefundsInput | undefined, ListRefundsOutput, {}>
    listReports: Procedure<ListReportsInput | undefined, ListReportsOutput, {}>
    listReviews: Procedure<ListReviewsInput | undefined, ListReviewsOutput, {}>
    listRooms: Procedure<ListRoomsInput | undefined, ListRoomsOutput, {}>
    listRoutes: Procedure<ListRoutesInput | undefined, ListRoutesOutput, {}>
    listSensors: Procedure<ListSensorsInput | undefined, ListSensorsOutput, {}>
    listShifts: Procedure<ListShiftsInput | undefined, ListShiftsOutput, {}>
    listStocks: Procedure<ListStocksInput | undefined, ListStocksOutput, {}>
    listStores: Procedure<ListStoresInput | undefined, ListStoresOutput, {}>
    listSuppliers: Procedure<ListSuppliersInput | undefined, ListSuppliersOutput, {}>
    listSurveys: Procedure<ListSurveysInput | undefined, ListSurveysOutput, {}>
    listTasks: Procedure<ListTasksInput | undefined, ListTasksOutput, {}>
    listTeams: Procedure<ListTeamsInput | undefined, ListTeamsOutput, {}>
    listTickets: Procedure<ListTicketsInput | undefined, ListTicketsOutput, {}>
    listTrips: Procedure<ListTripsInput | undefined, ListTripsOutput, {}>
    listVehicles: Procedure<ListVehiclesInput | undefined, ListVehiclesOutput, {}>
    listVendors: Procedure<ListVendorsInput | undefined, ListVendorsOutput, {}>
    listVisits: Procedure<ListVisitsInput | undefined, ListVisitsOutput, {}>
    listVouchers: Procedure<ListVouchersInput | undefined, ListVouchersOutput, {}>
    listWarehouses: Procedure<ListWarehousesInput | undefined, ListWarehousesOutput, {}>
    removeAccount: Procedure<RemoveAccountInput, void, RemoveAccountErrors>
    removeArticle: Procedure<RemoveArticleInput, void, RemoveArticleErrors>
    removeBasket: Procedure<RemoveBasketInput, void, RemoveBasketErrors>
    removeBooking: Procedure<RemoveBookingInput, void, RemoveBookingErrors>
    removeBranch: Procedure<RemoveBranchInput, void, RemoveBranchErrors>
    removeCampaign: Procedure<RemoveCampaignInput, void, RemoveCampaignErrors>
    removeChannel: Procedure<RemoveChannelInput, void, RemoveChannelErrors>
    removeComment: Procedure<RemoveCommentInput, void, RemoveCommentErrors>
    removeCompany: Procedure<RemoveCompanyInput, void, RemoveCompanyErrors>
    removeContact: Procedure<RemoveContactInput, void, RemoveContactErrors>
    removeCoupon: Procedure<RemoveCouponInput, void, RemoveCouponErrors>
    removeCourse: Procedure<RemoveCourseInput, void, RemoveCourseErrors>
    removeCustomer: Procedure<RemoveCustomerInput, void, RemoveCustomerErrors>
    removeDevice: Procedure<RemoveDeviceInput, void, RemoveDeviceErrors>
    removeDocument: Procedure<RemoveDocumentInput, void, RemoveDocumentErrors>
    removeDriver: Procedure<RemoveDriverInput, void, RemoveDriverErrors>
    removeEmployee: Procedure<RemoveEmployeeInput, void, RemoveEmployeeErrors>
    removeInvoice: Procedure<RemoveInvoiceInput, void, RemoveInvoiceErrors>
    /** @deprecated updateIssue */
    removeIssue: Procedure<RemoveIssueInput, void, RemoveIssueErrors>
    removeLesson: Procedure<RemoveLessonInput, void, RemoveLessonErrors>
    removeMachine: Procedure<RemoveMachineInput, void, RemoveMachineErrors>
    removeMeeting: Procedure<RemoveMeetingInput, void, RemoveMeetingErrors>
    removeMessage: Procedure<RemoveMessageInput, void, RemoveMessageErrors>
    /** @deprecated updateOrder */
    removeOrder: Procedure<RemoveOrderInput, void, RemoveOrderErrors>
    removePackage: Procedure<RemovePackageInput, void, RemovePackageErrors>
    removeParcel: Procedure<RemoveParcelInput, void, RemoveParcelErrors>
    removePayment: Procedure<RemovePaymentInput, void, RemovePaymentErrors>
    removePerson: Procedure<RemovePersonInput, void, RemovePersonErrors>
    removeProduct: Procedure<RemoveProductInput, void, RemoveProductErrors>
    /** @deprecated updateProject */
    removeProject: Procedure<RemoveProjectInput, void, RemoveProjectErrors>
    removeRefund: Procedure<RemoveRefundInput, void, RemoveRefundErrors>
    removeReport: Procedure<RemoveReportInput, void, RemoveReportErrors>
    removeReview: Procedure<RemoveReviewInput, void, RemoveReviewErrors>
    /** @deprecated updateRoom */
    removeRoom: Procedure<RemoveRoomInput, void, RemoveRoomErrors>
    removeRoute: Procedure<RemoveRouteInput, void, RemoveRouteErrors>
    removeSensor: Procedure<RemoveSensorInput, void, RemoveSensorErrors>
    removeShift: Procedure<RemoveShiftInput, void, RemoveShiftErrors>
    /** @deprecated updateStock */
    removeStock: Procedure<RemoveStockInput, void, RemoveStockErrors>
    removeStore: Procedure<RemoveStoreInput, void, RemoveStoreErrors>
    removeSupplier: Procedure<RemoveSupplierInput, void, RemoveSupplierErrors>
    removeSurvey: Procedure<RemoveSurveyInput, void, RemoveSurveyErrors>
    removeTask: Procedure<RemoveTaskInput, void, RemoveTaskErrors>
    removeTeam: Procedure<RemoveTeamInput, void, RemoveTeamErrors>
    removeTicket: Procedure<RemoveTicketInput, void, RemoveTicketErrors>
    removeTrip: Procedure<RemoveTripInput, void, RemoveTripErrors>
    /** @deprecated updateVehicle */
    removeVehicle: Procedure<RemoveVehicleInput, void, RemoveVehicleErrors>
    removeVendor: Procedure<RemoveVendorInput, void, RemoveVendorErrors>
    removeVisit: Procedure<RemoveVisitInput, void, RemoveVisitErrors>
    removeVoucher: Procedure<RemoveVoucherInput, void, RemoveVoucherErrors>
    removeWarehouse: Procedure<RemoveWarehouseInput, void, RemoveWarehouseErrors>
    summariseAccount: Procedure<SummariseAccountInput, Record<string, number>, {}>
    summariseArticle: Procedure<SummariseArticleInput, Record<string, number>, {}>
    summariseBasket: Procedure<SummariseBasketInput, Record<string, number>, {}>
    summariseBooking: Procedure<SummariseBookingInput, Record<string, number>, {}>
    summariseBranch: Procedure<SummariseBranchInput, Record<string, number>, {}>
    summariseCampaign: Procedure<SummariseCampaignInput, Record<string, number>, {}>
    summariseChannel: Procedure<SummariseChannelInput, Record<string, number>, {}>
    summariseComment: Procedure<SummariseCommentInput, Record<string, number>, {}>
    summariseCompany: Procedure<SummariseCompanyInput, Record<string, number>, {}>
    summariseContact: Procedure<SummariseContactInput, Record<string, number>, {}>
    summariseCoupon: Procedure<SummariseCouponInput, Record<string, number>, {}>
    summariseCourse: Procedure<SummariseCourseInput, Record<string, number>, {}>
    summariseCustomer: Procedure<SummariseCustomerInput, Record<string, number>, {}>
    summariseDevice: Procedure<SummariseDeviceInput, Record<string, number>, {}>
    summariseDocument: Procedure<SummariseDocumentInput, Record<string, number>, {}>
    summariseDriver: Procedure<SummariseDriverInput, Record<string, number>, {}>
    summariseEmployee: Procedure<SummariseEmployeeInput, Record<string, number>, {}>
    summariseInvoice: Procedure<SummariseInvoiceInput, Record<string, number>, {}>
    summariseIssue: Procedure<SummariseIssueInput, Record<string, number>, {}>
    summariseLesson: Procedure<SummariseLessonInput, Record<string, number>, {}>
    summariseMachine: Procedure<SummariseMachineInput, Record<string, number>, {}>
    summariseMeeting: Procedure<SummariseMeetingInput, Record<string, number>, {}>
    summariseMessage: Procedure<SummariseMessageInput, Record<string, number>, {}>
    summariseOrder: Procedure<SummariseOrderInput, Record<string, number>, {}>
    summarisePackage: Procedure<SummarisePackageInput, Record<string, number>, {}>
    summariseParcel: Procedure<SummariseParcelInput, Record<string, number>, {}>
    summarisePayment: Procedure<SummarisePaymentInput, Record<string, number>, {}>
    summarisePerson: Procedure<SummarisePersonInput, Record<string, number>, {}>
    summariseProduct: Procedure<SummariseProductInput, Record<string, number>, {}>
    summariseProject: Procedure<SummariseProjectInput, Record<string, number>, {}>
    summariseRefund: Procedure<SummariseRefundInput, Record<string, number>, {}>
    summariseReport: Procedure<SummariseReportInput, Record<string, number>, {}>
    summariseReview: Procedure<SummariseReviewInput, Record<string, number>, {}>
    summariseRoom: Procedure<SummariseRoomInput, Record<string, number>, {}>
    summariseRoute: Procedure<SummariseRouteInput, Record<string, number>, {}>
    summariseSensor: Procedure<SummariseSensorInput, Record<string, number>, {}>
    summariseShift: Procedure<SummariseShiftInput, Record<string, number>, {}>
    summariseStock: Procedure<SummariseStockInput, Record<string, number>, {}>
    summariseStore: Procedure<SummariseStoreInput, Record<string, number>, {}>
    summariseSupplier: Procedure<SummariseSupplierInput, Record<string, number>, {}>
    summariseSurvey: Procedure<SummariseSurveyInput, Record<string, number>, {}>
    summariseTask: Procedure<SummariseTaskInput, Record<string, number>, {}>
    summariseTeam: Procedure<SummariseTeamInput, Record<string, number>, {}>
    summariseTicket: Procedure<SummariseTicketInput, Record<string, number>, {}>
    summariseTrip: Procedure<SummariseTripInput, Record<string, number>, {}>
    summariseVehicle: Procedure<SummariseVehicleInput, Record<string, number>, {}>
    summariseVendor: Procedure<SummariseVendorInput, Record<string, number>, {}>
    summariseVisit: Procedure<SummariseVisitInput, Record<string, number>, {}>
    summariseVoucher: Procedure<SummariseVoucherInput, Record<string, number>, {}>
    summariseWarehouse: Procedure<SummariseWarehouseInput, Record<string, number>, {}>
    updateAccount: Procedure<UpdateAccountInput, Account, UpdateAccountErrors>
    updateArticle: Procedure<UpdateArticleInput, Article, UpdateArticleErrors>
    updateBasket: Procedure<UpdateBasketInput, Basket, UpdateBasketErrors>
    updateBooking: Procedure<UpdateBookingInput, Booking, UpdateBookingErrors>
    updateBranch: Procedure<UpdateBranchInput, Branch, UpdateBranchErrors>
    updateCampaign: Procedure<UpdateCampaignInput, Campaign, UpdateCampaignErrors>
    updateChannel: Procedure<UpdateChannelInput, Channel, UpdateChannelErrors>
    updateComment: Procedure<UpdateCommentInput, Comment, UpdateCommentErrors>
    updateCompany: Procedure<UpdateCompanyInput, Company, UpdateCompanyErrors>
    updateContact: Procedure<UpdateContactInput, Contact, UpdateContactErrors>
    updateCoupon: Procedure<UpdateCouponInput, Coupon, UpdateCouponErrors>
    updateCourse: Procedure<UpdateCourseInput, Course, UpdateCourseErrors>
    updateCustomer: Procedure<UpdateCustomerInput, Customer, UpdateCustomerErrors>
    updateDevice: Procedure<UpdateDeviceInput, Device, UpdateDeviceErrors>
    updateDocument: Procedure<UpdateDocumentInput, Document, UpdateDocumentErrors>
    updateDriver: Procedure<UpdateDriverInput, Driver, UpdateDriverErrors>
    updateEmployee: Procedure<UpdateEmployeeInput, Employee, UpdateEmployeeErrors>
    updateInvoice: Procedure<UpdateInvoiceInput, Invoice, UpdateInvoiceErrors>
    updateIssue: Procedure<UpdateIssueInput, Issue, UpdateIssueErrors>
    updateLesson: Procedure<UpdateLessonInput, Lesson, UpdateLessonErrors>
    updateMachine: Procedure<UpdateMachineInput, Machine, UpdateMachineErrors>
    updateMeeting: Procedure<UpdateMeetingInput, Meeting, UpdateMeetingErrors>
    updateMessage: Procedure<UpdateMessageInput, Message, UpdateMessageErrors>
    updateOrder: Procedure<UpdateOrderInput, Order, UpdateOrderErrors>
    updatePackage: Procedure<UpdatePackageInput, Package, UpdatePackageErrors>
    updateParcel: Procedure<UpdateParcelInput, Parcel, UpdateParcelErrors>
    updatePayment: Procedure<UpdatePaymentInput, Payment, UpdatePaymentErrors>
    updatePerson: Procedure<UpdatePersonInput, Person, UpdatePersonErrors>
    updateProduct: Procedure<UpdateProductInput, Product, UpdateProductErrors>
    updateProject: Procedure<UpdateProjectInput, Project, UpdateProjectErrors>
    updateRefund: Procedure<UpdateRefundInput, Refund, UpdateRefundErrors>
    updateReport: Procedure<UpdateReportInput, Report, UpdateReportErrors>
    updateReview: Procedure<UpdateReviewInput, Review, UpdateReviewErrors>
    updateRoom: Procedure<UpdateRoomInput, Room, UpdateRoomErrors>
    updateRoute: Procedure<UpdateRouteInput, Route, UpdateRouteErrors>
    updateSensor: Procedure<UpdateSensorInput, Sensor, UpdateSensorErrors>
    updateShift: Procedure<UpdateShiftInput, Shift, UpdateShiftErrors>
    updateStock: Procedure<UpdateStockInput, Stock, UpdateStockErrors>
    updateStore: Procedure<UpdateStoreInput, Store, UpdateStoreErrors>
    updateSupplier: Procedure<UpdateSupplierInput, Supplier, UpdateSupplierErrors>
    updateSurvey: Procedure<UpdateSurveyInput, Survey, UpdateSurveyErrors>
    updateTask: Procedure<UpdateTaskInput, Task, UpdateTaskErrors>
    updateTeam: Procedure<UpdateTeamInput, Team, UpdateTeamErrors>
    updateTicket: Procedure<UpdateTicketInput, Ticket, UpdateTicketErrors>
    updateTrip: Procedure<UpdateTripInput, Trip, UpdateTripErrors>
    updateVehicle: Procedure<UpdateVehicleInput, Vehicle, UpdateVehicleErrors>
    updateVendor: Procedure<UpdateVendorInput, Vendor, UpdateVendorErrors>
    updateVisit: Procedure<UpdateVisitInput, Visit, UpdateVisitErrors>
    updateVoucher: Procedure<UpdateVoucherInput, Voucher, UpdateVoucherErrors>
    updateWarehouse: Procedure<UpdateWarehouseInput, Warehouse, UpdateWarehouseErrors>
  }
  streams: {
    exportAccounts: StreamProcedure<void, Account, {}>
    exportArticles: StreamProcedure<void, Article, {}>
    exportBaskets: StreamProcedure<void, Basket, {}>
    exportBookings: StreamProcedure<void, Booking, {}>
    exportBranchs: StreamProcedure<void, Branch, {}>
    exportCampaigns: StreamProcedure<void, Campaign, {}>
    exportChannels: StreamProcedure<void, Channel, {}>
    exportComments: StreamProcedure<void, Comment, {}>
    exportCompanys: StreamProcedure<void, Company, {}>
    exportContacts: StreamProcedure<void, Contact, {}>
  }
  events: {
    toServer: {
      couponSeen: Event<CouponSeenEventInput, CouponSeenEventInput>
      courseSeen: Event<CourseSeenEventInput, CourseSeenEventInput>
      customerSeen: Event<CustomerSeenEventInput, CustomerSeenEventInput>
      deviceSeen: Event<DeviceSeenEventInput, DeviceSeenEventInput>
      documentSeen: Event<DocumentSeenEventInput, DocumentSeenEventInput>
      driverSeen: Event<DriverSeenEventInput, DriverSeenEventInput>
      employeeSeen: Event<EmployeeSeenEventInput, EmployeeSeenEventInput>
      invoiceSeen: Event<InvoiceSeenEventInput, InvoiceSeenEventInput>
      issueSeen: Event<IssueSeenEventInput, IssueSeenEventInput>
      lessonSeen: Event<LessonSeenEventInput, LessonSeenEventInput>
    }
    toClient: {
      machineChanged: Event<Machine, Machine, void, void, UnkeptEmitOptions>
      meetingChanged: Event<Meeting, Meeting>
      messageChanged: Event<Message, Message, void, void, UnkeptEmitOptions>
      orderChanged: Event<Order, Order, void, void, UnkeptEmitOptions>
      packageChanged: Event<Package, Package, void, void, UnkeptEmitOptions>
      parcelChanged: Event<Parcel, Parcel>
      paymentChanged: Event<Payment, Payment>
      personChanged: Event<Person, Person>
      productChanged: Event<Product, Product, void, void, UnkeptEmitOptions>
      projectChanged: Event<Project, Project, void, void, UnkeptEmitOptions>
    }
  }
  rooms: {
    refund: TypewireRoom<
      RefundRoomParams,
      {},
      { changed: Event<Refund, Refund> },
      RefundRoomParams,
      RefundRoomPresence
    >
    report: TypewireRoom<
      ReportRoomParams,
      {},
      { changed: Event<Report, Report> },
      ReportRoomParams,
      ReportRoomPresence
    >
    review: TypewireRoom<
      ReviewRoomParams,
      {},
      { changed: Event<Review, Review> },
      ReviewRoomParams,
      ReviewRoomPresence
    >
    room: TypewireRoom<
      RoomRoomParams,
      {},
      { changed: Event<Room, Room> },
      RoomRoomParams,
      RoomRoomPresence
    >
    route: TypewireRoom<
      RouteRoomParams,
      {},
      { changed: Event<Route, Route> },
      RouteRoomParams,
      RouteRoomPresence
    >
    sensor: TypewireRoom<
      SensorRoomParams,
      {},
      { changed: Event<Sensor, Sensor> },
      SensorRoomParams,
      SensorRoomPresence
    >
    shift: TypewireRoom<
      ShiftRoomParams,
      {},
      { changed: Event<Shift, Shift> },
      ShiftRoomParams,
      ShiftRoomPresence
    >
    stock: TypewireRoom<
      StockRoomParams,
      {},
      { changed: Event<Stock, Stock> },
      StockRoomParams,
      StockRoomPresence
    >
    store: TypewireRoom<
      StoreRoomParams,
      {},
      { changed: Event<Store, Store> },
      StoreRoomParams,
      StoreRoomPresence
    >
    supplier: TypewireRoom<
      SupplierRoomParams,
      {},
      { changed: Event<Supplier, Supplier> },
      SupplierRoomParams,
      SupplierRoomPresence
    >
  }
  namespaces: {}
}> {}

export interface LargeAuth {
  token: string
}

export interface CreateAccountInput {
  createdAt: Date
  labels: Record<string, string>
  /** At most 2000 characters. */
  note?: string | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
  totals: Map<string, Money>
  tree: TreeNode
  /** Format: uri. */
  website?: string | undefined
}

export interface CreateAccountErrors {
  INVALID: { reasons: string[] }
}

export interface CreateArticleInput {
  either: string | number | null
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  picture?: Uint8Array<ArrayBuffer> | undefined
  tree: TreeNode
  watchers: Set<string>
}

export interface CreateArticleErrors {
  INVALID: { reasons: string[] }
}

export interface CreateBasketInput {
  /** A whole number. From 0 to 10000. */
  count: number
  price: Money
  /** From 0 to 1. */
  ratio: number
  status: 'open' | 'paused' | 'closed'
  /** 1 to 120 characters. */
  title: string
  tree: TreeNode
  watchers: Set<string>
}

export interface CreateBasketErrors {
  INVALID: { reasons: string[] }
}

export interface CreateBookingInput {
  createdAt: Date
  picture?: Uint8Array<ArrayBuffer> | undefined
  position: [number, number]
  removedAt: Date | null
  watchers: Set<string>
  /** Format: uri. */
  website?: string | undefined
}

export interface CreateBookingErrors {
  INVALID: { reasons: string[] }
}

export interface CreateBranchInput {
  address?: Address | undefined
  createdAt: Date
  /** At most 2000 characters. */
  note?: string | undefined
  removedAt: Date | null
}

export interface CreateBranchErrors {
  INVALID: { reasons: string[] }
}

export interface CreateCampaignInput {
  labels: Record<string, string>
  /** From 0 to 1. */
  ratio: number
  /** 1 to 120 characters. */
  title: string
}

export interface CreateCampaignErrors {
  INVALID: { reasons: string[] }
}

export interface CreateChannelInput {
  either: string | number | null
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  position: [number, number]
  removedAt: Date | null
  tree: TreeNode
}

export interface CreateChannelErrors {
  INVALID: { reasons: string[] }
}

export interface CreateCommentInput {
  /** Default: `true`. */
  isActive?: boolean | undefined
  price: Money
  /** 1 to 120 characters. */
  title: string
}

export interface CreateCommentErrors {
  INVALID: { reasons: string[] }
}

export interface CreateCompanyInput {
  address?: Address | undefined
  position: [number, number]
  status: 'open' | 'paused' | 'closed'
  totals: Map<string, Money>
  tree: TreeNode
}

export interface CreateCompanyErrors {
  INVALID: { reasons: string[] }
}

export interface CreateContactInput {
  address?: Address | undefined
  /** A whole number. From 0 to 10000. */
  count: number
  either: string | number | null
  position: [number, number]
  price: Money
  /** From 0 to 1. */
  ratio: number
  /** At most 20 items. */
  tags: Tag[]
}

export interface CreateContactErrors {
  INVALID: { reasons: string[] }
}

export interface CreateCouponInput {
  address?: Address | undefined
  /** Default: `true`. */
  isActive?: boolean | undefined
  labels: Record<string, string>
}

export interface CreateCouponErrors {
  INVALID: { reasons: string[] }
}

export interface CreateCourseInput {
  /** Default: `true`. */
  isActive?: boolean | undefined
  labels: Record<string, string>
  price: Money
  /** From 0 to 1. */
  ratio: number
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  watchers: Set<string>
}

export interface CreateCourseErrors {
  INVALID: { reasons: string[] }
}

export interface CreateCustomerInput {
  either: string | number | null
  price: Money
  /** From 0 to 1. */
  ratio: number
  status: 'open' | 'paused' | 'closed'
  totals: Map<string, Money>
}

export interface CreateCustomerErrors {
  INVALID: { reasons: string[] }
}

export interface CreateDeviceInput {
  address?: Address | undefined
  either: string | number | null
  picture?: Uint8Array<ArrayBuffer> | undefined
}

export interface CreateDeviceErrors {
  INVALID: { reasons: string[] }
}

export interface CreateDocumentInput {
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  /** At most 2000 characters. */
  note?: string | undefined
  removedAt: Date | null
}

export interface CreateDocumentErrors {
  INVALID: { reasons: string[] }
}

export interface CreateDriverInput {
  either: string | number | null
  /** Default: `true`. */
  isActive?: boolean | undefined
  position: [number, number]
  tree: TreeNode
}

export interface CreateDriverErrors {
  INVALID: { reasons: string[] }
}

export interface CreateEmployeeInput {
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  /** Default: `true`. */
  isActive?: boolean | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
  price: Money
  /** From 0 to 1. */
  ratio: number
  status: 'open' | 'paused' | 'closed'
  totals: Map<string, Money>
}

export interface CreateEmployeeErrors {
  INVALID: { reasons: string[] }
}

export interface CreateInvoiceInput {
  address?: Address | undefined
  /** At most 2000 characters. */
  note?: string | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
  position: [number, number]
  removedAt: Date | null
  status: 'open' | 'paused' | 'closed'
  /** Format: uri. */
  website?: string | undefined
}

export interface CreateInvoiceErrors {
  INVALID: { reasons: string[] }
}

export interface CreateIssueInput {
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  extra: unknown
  removedAt: Date | null
  tree: TreeNode
  watchers: Set<string>
  /** Format: uri. */
  website?: string | undefined
}

export interface CreateIssueErrors {
  INVALID: { reasons: string[] }
}

export interface CreateLessonInput {
  either: string | number | null
  labels: Record<string, string>
  /** At most 2000 characters. */
  note?: string | undefined
  totals: Map<string, Money>
}

export interface CreateLessonErrors {
  INVALID: { reasons: string[] }
}

export interface CreateMachineInput {
  address?: Address | undefined
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  /** Default: `true`. */
  isActive?: boolean | undefined
  price: Money
  /** From 0 to 1. */
  ratio: number
  tree: TreeNode
  watchers: Set<string>
}

export interface CreateMachineErrors {
  INVALID: { reasons: string[] }
}

export interface CreateMeetingInput {
  /** A whole number. From 0 to 10000. */
  count: number
  /** At most 2000 characters. */
  note?: string | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
  removedAt: Date | null
}

export interface CreateMeetingErrors {
  INVALID: { reasons: string[] }
}

export interface CreateMessageInput {
  /** Default: `true`. */
  isActive?: boolean | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
  /** From 0 to 1. */
  ratio: number
  /** Format: uri. */
  website?: string | undefined
}

export interface CreateMessageErrors {
  INVALID: { reasons: string[] }
}

export interface CreateOrderInput {
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  /** Default: `true`. */
  isActive?: boolean | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
  position: [number, number]
  /** At most 20 items. */
  tags: Tag[]
  /** 1 to 120 characters. */
  title: string
  watchers: Set<string>
}

export interface CreateOrderErrors {
  INVALID: { reasons: string[] }
}

export interface CreatePackageInput {
  either: string | number | null
  /** At most 2000 characters. */
  note?: string | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
}

export interface CreatePackageErrors {
  INVALID: { reasons: string[] }
}

export interface CreateParcelInput {
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  labels: Record<string, string>
  position: [number, number]
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  status: 'open' | 'paused' | 'closed'
  /** At most 20 items. */
  tags: Tag[]
}

export interface CreateParcelErrors {
  INVALID: { reasons: string[] }
}

export interface CreatePaymentInput {
  either: string | number | null
  extra: unknown
  labels: Record<string, string>
  /** From 0 to 1. */
  ratio: number
  removedAt: Date | null
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  /** 1 to 120 characters. */
  title: string
}

export interface CreatePaymentErrors {
  INVALID: { reasons: string[] }
}

export interface CreatePersonInput {
  /** A whole number. From 0 to 10000. */
  count: number
  either: string | number | null
  /** At most 20 items. */
  tags: Tag[]
}

export interface CreatePersonErrors {
  INVALID: { reasons: string[] }
}

export interface CreateProductInput {
  createdAt: Date
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  picture?: Uint8Array<ArrayBuffer> | undefined
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  tree: TreeNode
}

export interface CreateProductErrors {
  INVALID: { reasons: string[] }
}

export interface CreateProjectInput {
  extra: unknown
  price: Money
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  /** At most 20 items. */
  tags: Tag[]
  totals: Map<string, Money>
}

export interface CreateProjectErrors {
  INVALID: { reasons: string[] }
}

export interface CreateRefundInput {
  /** Default: `true`. */
  isActive?: boolean | undefined
  /** At most 20 items. */
  tags: Tag[]
  /** 1 to 120 characters. */
  title: string
}

export interface CreateRefundErrors {
  INVALID: { reasons: string[] }
}

export interface CreateReportInput {
  createdAt: Date
  /** Default: `true`. */
  isActive?: boolean | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
}

export interface CreateReportErrors {
  INVALID: { reasons: string[] }
}

export interface CreateReviewInput {
  address?: Address | undefined
  createdAt: Date
  either: string | number | null
  /** At most 2000 characters. */
  note?: string | undefined
  removedAt: Date | null
  /** 1 to 120 characters. */
  title: string
  tree: TreeNode
}

export interface CreateReviewErrors {
  INVALID: { reasons: string[] }
}

export interface CreateRoomInput {
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  /** Default: `true`. */
  isActive?: boolean | undefined
  price: Money
}

export interface CreateRoomErrors {
  INVALID: { reasons: string[] }
}

export interface CreateRouteInput {
  createdAt: Date
  either: string | number | null
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  position: [number, number]
  price: Money
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
}

export interface CreateRouteErrors {
  INVALID: { reasons: string[] }
}

export interface CreateSensorInput {
  labels: Record<string, string>
  /** At most 2000 characters. */
  note?: string | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
  position: [number, number]
  /** From 0 to 1. */
  ratio: number
  removedAt: Date | null
}

export interface CreateSensorErrors {
  INVALID: { reasons: string[] }
}

export interface CreateShiftInput {
  address?: Address | undefined
  createdAt: Date
  labels: Record<string, string>
  price: Money
  /** From 0 to 1. */
  ratio: number
  status: 'open' | 'paused' | 'closed'
  /** At most 20 items. */
  tags: Tag[]
}

export interface CreateShiftErrors {
  INVALID: { reasons: string[] }
}

export interface CreateStockInput {
  /** A whole number. From 0 to 10000. */
  count: number
  createdAt: Date
  /** Default: `true`. */
  isActive?: boolean | undefined
  labels: Record<string, string>
  /** At most 2000 characters. */
  note?: string | undefined
  /** At most 20 items. */
  tags: Tag[]
  totals: Map<string, Money>
}

export interface CreateStockErrors {
  INVALID: { reasons: string[] }
}

export interface CreateStoreInput {
  /** Default: `true`. */
  isActive?: boolean | undefined
  labels: Record<string, string>
  position: [number, number]
  status: 'open' | 'paused' | 'closed'
  /** At most 20 items. */
  tags: Tag[]
  tree: TreeNode
  /** Format: uri. */
  website?: string | undefined
}

export interface CreateStoreErrors {
  INVALID: { reasons: string[] }
}

export interface CreateSupplierInput {
  address?: Address | undefined
  createdAt: Date
  picture?: Uint8Array<ArrayBuffer> | undefined
  status: 'open' | 'paused' | 'closed'
}

export interface CreateSupplierErrors {
  INVALID: { reasons: string[] }
}

export interface CreateSurveyInput {
  labels: Record<string, string>
  picture?: Uint8Array<ArrayBuffer> | undefined
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  /** 1 to 120 characters. */
  title: string
}

export interface CreateSurveyErrors {
  INVALID: { reasons: string[] }
}

export interface CreateTaskInput {
  /** At most 2000 characters. */
  note?: string | undefined
  price: Money
  removedAt: Date | null
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  /** At most 20 items. */
  tags: Tag[]
  /** 1 to 120 characters. */
  title: string
}

export interface CreateTaskErrors {
  INVALID: { reasons: string[] }
}

export interface CreateTeamInput {
  /** A whole number. From 0 to 10000. */
  count: number
  removedAt: Date | null
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  status: 'open' | 'paused' | 'closed'
  tree: TreeNode
}

export interface CreateTeamErrors {
  INVALID: { reasons: string[] }
}

export interface CreateTicketInput {
  createdAt: Date
  labels: Record<string, string>
  /** From 0 to 1. */
  ratio: number
  removedAt: Date | null
  status: 'open' | 'paused' | 'closed'
  /** Format: uri. */
  website?: string | undefined
}

export interface CreateTicketErrors {
  INVALID: { reasons: string[] }
}

export interface CreateTripInput {
  either: string | number | null
  position: [number, number]
  /** At most 20 items. */
  tags: Tag[]
  /** Format: uri. */
  website?: string | undefined
}

export interface CreateTripErrors {
  INVALID: { reasons: string[] }
}

export interface CreateVehicleInput {
  createdAt: Date
  either: string | number | null
  /** Default: `true`. */
  isActive?: boolean | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
  /** From 0 to 1. */
  ratio: number
  /** Format: uri. */
  website?: string | undefined
}

export interface CreateVehicleErrors {
  INVALID: { reasons: string[] }
}

export interface CreateVendorInput {
  /** From 0 to 1. */
  ratio: number
  removedAt: Date | null
  totals: Map<string, Money>
}

export interface CreateVendorErrors {
  INVALID: { reasons: string[] }
}

export interface CreateVisitInput {
  createdAt: Date
  either: string | number | null
  extra: unknown
  labels: Record<string, string>
  /** At most 2000 characters. */
  note?: string | undefined
  watchers: Set<string>
}

export interface CreateVisitErrors {
  INVALID: { reasons: string[] }
}

export interface CreateVoucherInput {
  createdAt: Date
  /** At most 2000 characters. */
  note?: string | undefined
  /** 1 to 120 characters. */
  title: string
  totals: Map<string, Money>
}

export interface CreateVoucherErrors {
  INVALID: { reasons: string[] }
}

export interface CreateWarehouseInput {
  address?: Address | undefined
  /** Default: `true`. */
  isActive?: boolean | undefined
  removedAt: Date | null
  status: 'open' | 'paused' | 'closed'
  totals: Map<string, Money>
  /** Format: uri. */
  website?: string | undefined
}

export interface CreateWarehouseErrors {
  INVALID: { reasons: string[] }
}

export interface GetAccountInput {
  /** Format: uuid. */
  accountId: string
}

export interface GetAccountErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    accountId: string
  }
}

export interface GetArticleInput {
  /** Format: uuid. */
  articleId: string
}

export interface GetArticleErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    articleId: string
  }
}

export interface GetBasketInput {
  /** Format: uuid. */
  basketId: string
}

export interface GetBasketErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    basketId: string
  }
}

export interface GetBookingInput {
  /** Format: uuid. */
  bookingId: string
}

export interface GetBookingErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    bookingId: string
  }
}

export interface GetBranchInput {
  /** Format: uuid. */
  branchId: string
}

export interface GetBranchErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    branchId: string
  }
}

export interface GetCampaignInput {
  /** Format: uuid. */
  campaignId: string
}

export interface GetCampaignErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    campaignId: string
  }
}

export interface GetChannelInput {
  /** Format: uuid. */
  channelId: string
}

export interface GetChannelErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    channelId: string
  }
}

export interface GetCommentInput {
  /** Format: uuid. */
  commentId: string
}

export interface GetCommentErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    commentId: string
  }
}

export interface GetCompanyInput {
  /** Format: uuid. */
  companyId: string
}

export interface GetCompanyErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    companyId: string
  }
}

export interface GetContactInput {
  /** Format: uuid. */
  contactId: string
}

export interface GetContactErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    contactId: string
  }
}

export interface GetCouponInput {
  /** Format: uuid. */
  couponId: string
}

export interface GetCouponErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    couponId: string
  }
}

export interface GetCourseInput {
  /** Format: uuid. */
  courseId: string
}

export interface GetCourseErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    courseId: string
  }
}

export interface GetCustomerInput {
  /** Format: uuid. */
  customerId: string
}

export interface GetCustomerErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    customerId: string
  }
}

export interface GetDeviceInput {
  /** Format: uuid. */
  deviceId: string
}

export interface GetDeviceErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    deviceId: string
  }
}

export interface GetDocumentInput {
  /** Format: uuid. */
  documentId: string
}

export interface GetDocumentErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    documentId: string
  }
}

export interface GetDriverInput {
  /** Format: uuid. */
  driverId: string
}

export interface GetDriverErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    driverId: string
  }
}

export interface GetEmployeeInput {
  /** Format: uuid. */
  employeeId: string
}

export interface GetEmployeeErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    employeeId: string
  }
}

export interface GetInvoiceInput {
  /** Format: uuid. */
  invoiceId: string
}

export interface GetInvoiceErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    invoiceId: string
  }
}

export interface GetIssueInput {
  /** Format: uuid. */
  issueId: string
}

export interface GetIssueErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    issueId: string
  }
}

export interface GetLessonInput {
  /** Format: uuid. */
  lessonId: string
}

export interface GetLessonErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    lessonId: string
  }
}

export interface GetMachineInput {
  /** Format: uuid. */
  machineId: string
}

export interface GetMachineErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    machineId: string
  }
}

export interface GetMeetingInput {
  /** Format: uuid. */
  meetingId: string
}

export interface GetMeetingErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    meetingId: string
  }
}

export interface GetMessageInput {
  /** Format: uuid. */
  messageId: string
}

export interface GetMessageErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    messageId: string
  }
}

export interface GetOrderInput {
  /** Format: uuid. */
  orderId: string
}

export interface GetOrderErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    orderId: string
  }
}

export interface GetPackageInput {
  /** Format: uuid. */
  packageId: string
}

export interface GetPackageErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    packageId: string
  }
}

export interface GetParcelInput {
  /** Format: uuid. */
  parcelId: string
}

export interface GetParcelErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    parcelId: string
  }
}

export interface GetPaymentInput {
  /** Format: uuid. */
  paymentId: string
}

export interface GetPaymentErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    paymentId: string
  }
}

export interface GetPersonInput {
  /** Format: uuid. */
  personId: string
}

export interface GetPersonErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    personId: string
  }
}

export interface GetProductInput {
  /** Format: uuid. */
  productId: string
}

export interface GetProductErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    productId: string
  }
}

export interface GetProjectInput {
  /** Format: uuid. */
  projectId: string
}

export interface GetProjectErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    projectId: string
  }
}

export interface GetRefundInput {
  /** Format: uuid. */
  refundId: string
}

export interface GetRefundErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    refundId: string
  }
}

export interface GetReportInput {
  /** Format: uuid. */
  reportId: string
}

export interface GetReportErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    reportId: string
  }
}

export interface GetReviewInput {
  /** Format: uuid. */
  reviewId: string
}

export interface GetReviewErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    reviewId: string
  }
}

export interface GetRoomInput {
  /** Format: uuid. */
  roomId: string
}

export interface GetRoomErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    roomId: string
  }
}

export interface GetRouteInput {
  /** Format: uuid. */
  routeId: string
}

export interface GetRouteErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    routeId: string
  }
}

export interface GetSensorInput {
  /** Format: uuid. */
  sensorId: string
}

export interface GetSensorErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    sensorId: string
  }
}

export interface GetShiftInput {
  /** Format: uuid. */
  shiftId: string
}

export interface GetShiftErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    shiftId: string
  }
}

export interface GetStockInput {
  /** Format: uuid. */
  stockId: string
}

export interface GetStockErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    stockId: string
  }
}

export interface GetStoreInput {
  /** Format: uuid. */
  storeId: string
}

export interface GetStoreErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    storeId: string
  }
}

export interface GetSupplierInput {
  /** Format: uuid. */
  supplierId: string
}

export interface GetSupplierErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    supplierId: string
  }
}

export interface GetSurveyInput {
  /** Format: uuid. */
  surveyId: string
}

export interface GetSurveyErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    surveyId: string
  }
}

export interface GetTaskInput {
  /** Format: uuid. */
  taskId: string
}

export interface GetTaskErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    taskId: string
  }
}

export interface GetTeamInput {
  /** Format: uuid. */
  teamId: string
}

export interface GetTeamErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    teamId: string
  }
}

export interface GetTicketInput {
  /** Format: uuid. */
  ticketId: string
}

export interface GetTicketErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    ticketId: string
  }
}

export interface GetTripInput {
  /** Format: uuid. */
  tripId: string
}

export interface GetTripErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    tripId: string
  }
}

export interface GetVehicleInput {
  /** Format: uuid. */
  vehicleId: string
}

export interface GetVehicleErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    vehicleId: string
  }
}

export interface GetVendorInput {
  /** Format: uuid. */
  vendorId: string
}

export interface GetVendorErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    vendorId: string
  }
}

export interface GetVisitInput {
  /** Format: uuid. */
  visitId: string
}

export interface GetVisitErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    visitId: string
  }
}

export interface GetVoucherInput {
  /** Format: uuid. */
  voucherId: string
}

export interface GetVoucherErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    voucherId: string
  }
}

export interface GetWarehouseInput {
  /** Format: uuid. */
  warehouseId: string
}

export interface GetWarehouseErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    warehouseId: string
  }
}

export interface ListAccountsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  watchers: Set<string>
}

export interface ListAccountsOutput {
  items: Account[]
  next: string | null
}

export interface ListArticlesInput {
  after?: string | undefined
  createdAt: Date
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  position: [number, number]
}

export interface ListArticlesOutput {
  items: Article[]
  next: string | null
}

export interface ListBasketsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  /** From 0 to 1. */
  ratio: number
  /** 1 to 120 characters. */
  title: string
}

export interface ListBasketsOutput {
  items: Basket[]
  next: string | null
}

export interface ListBookingsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  status: 'open' | 'paused' | 'closed'
  totals: Map<string, Money>
}

export interface ListBookingsOutput {
  items: Booking[]
  next: string | null
}

export interface ListBranchsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  status: 'open' | 'paused' | 'closed'
}

export interface ListBranchsOutput {
  items: Branch[]
  next: string | null
}

export interface ListCampaignsInput {
  after?: string | undefined
  /** A whole number. From 0 to 10000. */
  count: number
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  position: [number, number]
}

export interface ListCampaignsOutput {
  items: Campaign[]
  next: string | null
}

export interface ListChannelsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
  totals: Map<string, Money>
}

export interface ListChannelsOutput {
  items: Channel[]
  next: string | null
}

export interface ListCommentsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  /** 1 to 120 characters. */
  title: string
  tree: TreeNode
}

export interface ListCommentsOutput {
  items: Comment[]
  next: string | null
}

export interface ListCompanysInput {
  after?: string | undefined
  createdAt: Date
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
}

export interface ListCompanysOutput {
  items: Company[]
  next: string | null
}

export interface ListContactsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  status: 'open' | 'paused' | 'closed'
}

export interface ListContactsOutput {
  items: Contact[]
  next: string | null
}

export interface ListCouponsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  status: 'open' | 'paused' | 'closed'
}

export interface ListCouponsOutput {
  items: Coupon[]
  next: string | null
}

export interface ListCoursesInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  removedAt: Date | null
}

export interface ListCoursesOutput {
  items: Course[]
  next: string | null
}

export interface ListCustomersInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  /** 1 to 120 characters. */
  title: string
}

export interface ListCustomersOutput {
  items: Customer[]
  next: string | null
}

export interface ListDevicesInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  /** From 0 to 1. */
  ratio: number
  /** 1 to 120 characters. */
  title: string
}

export interface ListDevicesOutput {
  items: Device[]
  next: string | null
}

export interface ListDocumentsInput {
  address?: Address | undefined
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
}

export interface ListDocumentsOutput {
  items: Document[]
  next: string | null
}

export interface ListDriversInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  /** At most 2000 characters. */
  note?: string | undefined
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
}

export interface ListDriversOutput {
  items: Driver[]
  next: string | null
}

export interface ListEmployeesInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
}

export interface ListEmployeesOutput {
  items: Employee[]
  next: string | null
}

export interface ListInvoicesInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
  position: [number, number]
}

export interface ListInvoicesOutput {
  items: Invoice[]
  next: string | null
}

export interface ListIssuesInput {
  after?: string | undefined
  createdAt: Date
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
}

export interface ListIssuesOutput {
  items: Issue[]
  next: string | null
}

export interface ListLessonsInput {
  after?: string | undefined
  /** Default: `true`. */
  isActive?: boolean | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
}

export interface ListLessonsOutput {
  items: Lesson[]
  next: string | null
}

export interface ListMachinesInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  status: 'open' | 'paused' | 'closed'
}

export interface ListMachinesOutput {
  items: Machine[]
  next: string | null
}

export interface ListMeetingsInput {
  address?: Address | undefined
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
}

export interface ListMeetingsOutput {
  items: Meeting[]
  next: string | null
}

export interface ListMessagesInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  status: 'open' | 'paused' | 'closed'
  /** 1 to 120 characters. */
  title: string
}

export interface ListMessagesOutput {
  items: Message[]
  next: string | null
}

export interface ListOrdersInput {
  after?: string | undefined
  createdAt: Date
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  removedAt: Date | null
}

export interface ListOrdersOutput {
  items: Order[]
  next: string | null
}

export interface ListPackagesInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  removedAt: Date | null
}

export interface ListPackagesOutput {
  items: Package[]
  next: string | null
}

export interface ListParcelsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  removedAt: Date | null
}

export interface ListParcelsOutput {
  items: Parcel[]
  next: string | null
}

export interface ListPaymentsInput {
  after?: string | undefined
  /** Default: `true`. */
  isActive?: boolean | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  /** Format: uri. */
  website?: string | undefined
}

export interface ListPaymentsOutput {
  items: Payment[]
  next: string | null
}

export interface ListPersonsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  totals: Map<string, Money>
}

export interface ListPersonsOutput {
  items: Person[]
  next: string | null
}

export interface ListProductsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  status: 'open' | 'paused' | 'closed'
  tree: TreeNode
}

export interface ListProductsOutput {
  items: Product[]
  next: string | null
}

export interface ListProjectsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  price: Money
}

export interface ListProjectsOutput {
  items: Project[]
  next: string | null
}

export interface ListRefundsInput {
  after?: string | undefined
  /** A whole number. From 0 to 10000. */
  count: number
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
}

export interface ListRefundsOutput {
  items: Refund[]
  next: string | null
}

export interface ListReportsInput {
  after?: string | undefined
  createdAt: Date
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  price: Money
}

export interface ListReportsOutput {
  items: Report[]
  next: string | null
}

export interface ListReviewsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  position: [number, number]
  price: Money
}

export interface ListReviewsOutput {
  items: Review[]
  next: string | null
}

export interface ListRoomsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  tree: TreeNode
}

export interface ListRoomsOutput {
  items: Room[]
  next: string | null
}

export interface ListRoutesInput {
  after?: string | undefined
  either: string | number | null
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  /** 1 to 120 characters. */
  title: string
}

export interface ListRoutesOutput {
  items: Route[]
  next: string | null
}

export interface ListSensorsInput {
  after?: string | undefined
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
}

export interface ListSensorsOutput {
  items: Sensor[]
  next: string | null
}

export interface ListShiftsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  watchers: Set<string>
}

export interface ListShiftsOutput {
  items: Shift[]
  next: string | null
}

export interface ListStocksInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  totals: Map<string, Money>
  tree: TreeNode
}

export interface ListStocksOutput {
  items: Stock[]
  next: string | null
}

export interface ListStoresInput {
  after?: string | undefined
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
}

export interface ListStoresOutput {
  items: Store[]
  next: string | null
}

export interface ListSuppliersInput {
  address?: Address | undefined
  after?: string | undefined
  createdAt: Date
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
}

export interface ListSuppliersOutput {
  items: Supplier[]
  next: string | null
}

export interface ListSurveysInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  /** Format: uri. */
  website?: string | undefined
}

export interface ListSurveysOutput {
  items: Survey[]
  next: string | null
}

export interface ListTasksInput {
  after?: string | undefined
  extra: unknown
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
}

export interface ListTasksOutput {
  items: Task[]
  next: string | null
}

export interface ListTeamsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  position: [number, number]
}

export interface ListTeamsOutput {
  items: Team[]
  next: string | null
}

export interface ListTicketsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  totals: Map<string, Money>
}

export interface ListTicketsOutput {
  items: Ticket[]
  next: string | null
}

export interface ListTripsInput {
  after?: string | undefined
  extra: unknown
  /** Default: `true`. */
  isActive?: boolean | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
}

export interface ListTripsOutput {
  items: Trip[]
  next: string | null
}

export interface ListVehiclesInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  removedAt: Date | null
  /** 1 to 120 characters. */
  title: string
}

export interface ListVehiclesOutput {
  items: Vehicle[]
  next: string | null
}

export interface ListVendorsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  /** 1 to 120 characters. */
  title: string
  watchers: Set<string>
}

export interface ListVendorsOutput {
  items: Vendor[]
  next: string | null
}

export interface ListVisitsInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  /** From 0 to 1. */
  ratio: number
  /** Format: uri. */
  website?: string | undefined
}

export interface ListVisitsOutput {
  items: Visit[]
  next: string | null
}

export interface ListVouchersInput {
  after?: string | undefined
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
  tree: TreeNode
}

export interface ListVouchersOutput {
  items: Voucher[]
  next: string | null
}

export interface ListWarehousesInput {
  after?: string | undefined
  createdAt: Date
  /** A whole number. From 1 to 100. Default: `20`. */
  limit?: number | undefined
}

export interface ListWarehousesOutput {
  items: Warehouse[]
  next: string | null
}

export interface RemoveAccountInput {
  /** Format: uuid. */
  accountId: string
}

export interface RemoveAccountErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    accountId: string
  }
}

export interface RemoveArticleInput {
  /** Format: uuid. */
  articleId: string
}

export interface RemoveArticleErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    articleId: string
  }
}

export interface RemoveBasketInput {
  /** Format: uuid. */
  basketId: string
}

export interface RemoveBasketErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    basketId: string
  }
}

export interface RemoveBookingInput {
  /** Format: uuid. */
  bookingId: string
}

export interface RemoveBookingErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    bookingId: string
  }
}

export interface RemoveBranchInput {
  /** Format: uuid. */
  branchId: string
}

export interface RemoveBranchErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    branchId: string
  }
}

export interface RemoveCampaignInput {
  /** Format: uuid. */
  campaignId: string
}

export interface RemoveCampaignErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    campaignId: string
  }
}

export interface RemoveChannelInput {
  /** Format: uuid. */
  channelId: string
}

export interface RemoveChannelErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    channelId: string
  }
}

export interface RemoveCommentInput {
  /** Format: uuid. */
  commentId: string
}

export interface RemoveCommentErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    commentId: string
  }
}

export interface RemoveCompanyInput {
  /** Format: uuid. */
  companyId: string
}

export interface RemoveCompanyErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    companyId: string
  }
}

export interface RemoveContactInput {
  /** Format: uuid. */
  contactId: string
}

export interface RemoveContactErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    contactId: string
  }
}

export interface RemoveCouponInput {
  /** Format: uuid. */
  couponId: string
}

export interface RemoveCouponErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    couponId: string
  }
}

export interface RemoveCourseInput {
  /** Format: uuid. */
  courseId: string
}

export interface RemoveCourseErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    courseId: string
  }
}

export interface RemoveCustomerInput {
  /** Format: uuid. */
  customerId: string
}

export interface RemoveCustomerErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    customerId: string
  }
}

export interface RemoveDeviceInput {
  /** Format: uuid. */
  deviceId: string
}

export interface RemoveDeviceErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    deviceId: string
  }
}

export interface RemoveDocumentInput {
  /** Format: uuid. */
  documentId: string
}

export interface RemoveDocumentErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    documentId: string
  }
}

export interface RemoveDriverInput {
  /** Format: uuid. */
  driverId: string
}

export interface RemoveDriverErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    driverId: string
  }
}

export interface RemoveEmployeeInput {
  /** Format: uuid. */
  employeeId: string
}

export interface RemoveEmployeeErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    employeeId: string
  }
}

export interface RemoveInvoiceInput {
  /** Format: uuid. */
  invoiceId: string
}

export interface RemoveInvoiceErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    invoiceId: string
  }
}

export interface RemoveIssueInput {
  /** Format: uuid. */
  issueId: string
}

export interface RemoveIssueErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    issueId: string
  }
}

export interface RemoveLessonInput {
  /** Format: uuid. */
  lessonId: string
}

export interface RemoveLessonErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    lessonId: string
  }
}

export interface RemoveMachineInput {
  /** Format: uuid. */
  machineId: string
}

export interface RemoveMachineErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    machineId: string
  }
}

export interface RemoveMeetingInput {
  /** Format: uuid. */
  meetingId: string
}

export interface RemoveMeetingErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    meetingId: string
  }
}

export interface RemoveMessageInput {
  /** Format: uuid. */
  messageId: string
}

export interface RemoveMessageErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    messageId: string
  }
}

export interface RemoveOrderInput {
  /** Format: uuid. */
  orderId: string
}

export interface RemoveOrderErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    orderId: string
  }
}

export interface RemovePackageInput {
  /** Format: uuid. */
  packageId: string
}

export interface RemovePackageErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    packageId: string
  }
}

export interface RemoveParcelInput {
  /** Format: uuid. */
  parcelId: string
}

export interface RemoveParcelErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    parcelId: string
  }
}

export interface RemovePaymentInput {
  /** Format: uuid. */
  paymentId: string
}

export interface RemovePaymentErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    paymentId: string
  }
}

export interface RemovePersonInput {
  /** Format: uuid. */
  personId: string
}

export interface RemovePersonErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    personId: string
  }
}

export interface RemoveProductInput {
  /** Format: uuid. */
  productId: string
}

export interface RemoveProductErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    productId: string
  }
}

export interface RemoveProjectInput {
  /** Format: uuid. */
  projectId: string
}

export interface RemoveProjectErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    projectId: string
  }
}

export interface RemoveRefundInput {
  /** Format: uuid. */
  refundId: string
}

export interface RemoveRefundErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    refundId: string
  }
}

export interface RemoveReportInput {
  /** Format: uuid. */
  reportId: string
}

export interface RemoveReportErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    reportId: string
  }
}

export interface RemoveReviewInput {
  /** Format: uuid. */
  reviewId: string
}

export interface RemoveReviewErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    reviewId: string
  }
}

export interface RemoveRoomInput {
  /** Format: uuid. */
  roomId: string
}

export interface RemoveRoomErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    roomId: string
  }
}

export interface RemoveRouteInput {
  /** Format: uuid. */
  routeId: string
}

export interface RemoveRouteErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    routeId: string
  }
}

export interface RemoveSensorInput {
  /** Format: uuid. */
  sensorId: string
}

export interface RemoveSensorErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    sensorId: string
  }
}

export interface RemoveShiftInput {
  /** Format: uuid. */
  shiftId: string
}

export interface RemoveShiftErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    shiftId: string
  }
}

export interface RemoveStockInput {
  /** Format: uuid. */
  stockId: string
}

export interface RemoveStockErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    stockId: string
  }
}

export interface RemoveStoreInput {
  /** Format: uuid. */
  storeId: string
}

export interface RemoveStoreErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    storeId: string
  }
}

export interface RemoveSupplierInput {
  /** Format: uuid. */
  supplierId: string
}

export interface RemoveSupplierErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    supplierId: string
  }
}

export interface RemoveSurveyInput {
  /** Format: uuid. */
  surveyId: string
}

export interface RemoveSurveyErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    surveyId: string
  }
}

export interface RemoveTaskInput {
  /** Format: uuid. */
  taskId: string
}

export interface RemoveTaskErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    taskId: string
  }
}

export interface RemoveTeamInput {
  /** Format: uuid. */
  teamId: string
}

export interface RemoveTeamErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    teamId: string
  }
}

export interface RemoveTicketInput {
  /** Format: uuid. */
  ticketId: string
}

export interface RemoveTicketErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    ticketId: string
  }
}

export interface RemoveTripInput {
  /** Format: uuid. */
  tripId: string
}

export interface RemoveTripErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    tripId: string
  }
}

export interface RemoveVehicleInput {
  /** Format: uuid. */
  vehicleId: string
}

export interface RemoveVehicleErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    vehicleId: string
  }
}

export interface RemoveVendorInput {
  /** Format: uuid. */
  vendorId: string
}

export interface RemoveVendorErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    vendorId: string
  }
}

export interface RemoveVisitInput {
  /** Format: uuid. */
  visitId: string
}

export interface RemoveVisitErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    visitId: string
  }
}

export interface RemoveVoucherInput {
  /** Format: uuid. */
  voucherId: string
}

export interface RemoveVoucherErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    voucherId: string
  }
}

export interface RemoveWarehouseInput {
  /** Format: uuid. */
  warehouseId: string
}

export interface RemoveWarehouseErrors {
  NO_SUCH_ID: {
    /** Format: uuid. */
    warehouseId: string
  }
}

export interface SummariseAccountInput {
  either: string | number | null
  tree: TreeNode
}

export interface SummariseArticleInput {
  /** From 0 to 1. */
  ratio: number
  status: 'open' | 'paused' | 'closed'
}

export interface SummariseBasketInput {
  /** Format: uri. */
  website?: string | undefined
}

export interface SummariseBookingInput {
  totals: Map<string, Money>
  /** Format: uri. */
  website?: string | undefined
}

export interface SummariseBranchInput {
  /** A whole number. From 0 to 10000. */
  count: number
}

export interface SummariseCampaignInput {
  address?: Address | undefined
  price: Money
}

export interface SummariseChannelInput {
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
}

export interface SummariseCommentInput {
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  labels: Record<string, string>
}

export interface SummariseCompanyInput {
  /** At most 2000 characters. */
  note?: string | undefined
}

export interface SummariseContactInput {
  /** From 0 to 1. */
  ratio: number
  /** Format: uri. */
  website?: string | undefined
}

export interface SummariseCouponInput {
  extra: unknown
}

export interface SummariseCourseInput {
  /** Default: `true`. */
  isActive?: boolean | undefined
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
}

export interface SummariseCustomerInput {
  tree: TreeNode
  /** Format: uri. */
  website?: string | undefined
}

export interface SummariseDeviceInput {
  /** At most 20 items. */
  tags: Tag[]
  /** 1 to 120 characters. */
  title: string
}

export interface SummariseDocumentInput {
  /** Default: `true`. */
  isActive?: boolean | undefined
  /** At most 20 items. */
  tags: Tag[]
}

export interface SummariseDriverInput {
  createdAt: Date
}

export interface SummariseEmployeeInput {
  /** Format: uri. */
  website?: string | undefined
}

export interface SummariseInvoiceInput {
  price: Money
  watchers: Set<string>
}

export interface SummariseIssueInput {
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
}

export interface SummariseLessonInput {
  status: 'open' | 'paused' | 'closed'
  /** At most 20 items. */
  tags: Tag[]
}

export interface SummariseMachineInput {
  picture?: Uint8Array<ArrayBuffer> | undefined
}

export interface SummariseMeetingInput {
  /** From 0 to 1. */
  ratio: number
}

export interface SummariseMessageInput {
  /** At most 2000 characters. */
  note?: string | undefined
  totals: Map<string, Money>
}

export interface SummariseOrderInput {
  removedAt: Date | null
  /** 1 to 120 characters. */
  title: string
}

export interface SummarisePackageInput {
  address?: Address | undefined
  /** A whole number. From 0 to 10000. */
  count: number
}

export interface SummariseParcelInput {
  price: Money
}

export interface SummarisePaymentInput {
  /** At most 20 items. */
  tags: Tag[]
}

export interface SummarisePersonInput {
  /** From 0 to 1. */
  ratio: number
}

export interface SummariseProductInput {
  /** Default: `true`. */
  isActive?: boolean | undefined
  totals: Map<string, Money>
}

export interface SummariseProjectInput {
  extra: unknown
}

export interface SummariseRefundInput {
  picture?: Uint8Array<ArrayBuffer> | undefined
}

export interface SummariseReportInput {
  /** 1 to 120 characters. */
  title: string
  watchers: Set<string>
}

export interface SummariseReviewInput {
  /** A whole number. From 0 to 10000. */
  count: number
}

export interface SummariseRoomInput {
  picture?: Uint8Array<ArrayBuffer> | undefined
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
}

export interface SummariseRouteInput {
  /** At most 2000 characters. */
  note?: string | undefined
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
}

export interface SummariseSensorInput {
  /** Default: `true`. */
  isActive?: boolean | undefined
  /** At most 2000 characters. */
  note?: string | undefined
}

export interface SummariseShiftInput {
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
}

export interface SummariseStockInput {
  /** At most 20 items. */
  tags: Tag[]
  watchers: Set<string>
}

export interface SummariseStoreInput {
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
}

export interface SummariseSupplierInput {
  position: [number, number]
  tree: TreeNode
}

export interface SummariseSurveyInput {
  price: Money
}

export interface SummariseTaskInput {
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
}

export interface SummariseTeamInput {
  status: 'open' | 'paused' | 'closed'
}

export interface SummariseTicketInput {
  tree: TreeNode
}

export interface SummariseTripInput {
  /** A whole number. From 0 to 10000. */
  count: number
  status: 'open' | 'paused' | 'closed'
}

export interface SummariseVehicleInput {
  position: [number, number]
}

export interface SummariseVendorInput {
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
}

export interface SummariseVisitInput {
  labels: Record<string, string>
  tree: TreeNode
}

export interface SummariseVoucherInput {
  /** A whole number. From 0 to 10000. */
  count: number
  status: 'open' | 'paused' | 'closed'
}

export interface SummariseWarehouseInput {
  /** Default: `true`. */
  isActive?: boolean | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
}

export interface UpdateAccountInput {
  /** Format: uuid. */
  accountId: string
  changes: {
    extra?: unknown
    position?: [number, number] | undefined
    tree?: TreeNode | undefined
    /** Format: uri. */
    website?: string | undefined
  }
}

export interface UpdateAccountErrors {
  CONFLICT: Account
  NO_SUCH_ID: {
    /** Format: uuid. */
    accountId: string
  }
}

export interface UpdateArticleInput {
  /** Format: uuid. */
  articleId: string
  changes: {
    createdAt?: Date | undefined
    /**
     * Where to write to.
     * Format: email.
     */
    email?: string | undefined
    /** 1 to 120 characters. */
    title?: string | undefined
    /** Format: uri. */
    website?: string | undefined
  }
}

export interface UpdateArticleErrors {
  CONFLICT: Article
  NO_SUCH_ID: {
    /** Format: uuid. */
    articleId: string
  }
}

export interface UpdateBasketInput {
  /** Format: uuid. */
  basketId: string
  changes: {
    position?: [number, number] | undefined
    /** From 0 to 1. */
    ratio?: number | undefined
    source?: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string } | undefined
  }
}

export interface UpdateBasketErrors {
  CONFLICT: Basket
  NO_SUCH_ID: {
    /** Format: uuid. */
    basketId: string
  }
}

export interface UpdateBookingInput {
  /** Format: uuid. */
  bookingId: string
  changes: {
    /** From 0 to 1. */
    ratio?: number | undefined
    status?: 'open' | 'paused' | 'closed' | undefined
  }
}

export interface UpdateBookingErrors {
  CONFLICT: Booking
  NO_SUCH_ID: {
    /** Format: uuid. */
    bookingId: string
  }
}

export interface UpdateBranchInput {
  /** Format: uuid. */
  branchId: string
  changes: {
    /** Default: `true`. */
    isActive?: boolean | undefined
    labels?: Record<string, string> | undefined
    removedAt?: Date | null | undefined
  }
}

export interface UpdateBranchErrors {
  CONFLICT: Branch
  NO_SUCH_ID: {
    /** Format: uuid. */
    branchId: string
  }
}

export interface UpdateCampaignInput {
  /** Format: uuid. */
  campaignId: string
  changes: {
    /** A whole number. From 0 to 10000. */
    count?: number | undefined
    either?: string | number | null | undefined
    extra?: unknown
    watchers?: Set<string> | undefined
  }
}

export interface UpdateCampaignErrors {
  CONFLICT: Campaign
  NO_SUCH_ID: {
    /** Format: uuid. */
    campaignId: string
  }
}

export interface UpdateChannelInput {
  changes: {
    either?: string | number | null | undefined
    totals?: Map<string, Money> | undefined
  }
  /** Format: uuid. */
  channelId: string
}

export interface UpdateChannelErrors {
  CONFLICT: Channel
  NO_SUCH_ID: {
    /** Format: uuid. */
    channelId: string
  }
}

export interface UpdateCommentInput {
  changes: {
    /** From 0 to 1. */
    ratio?: number | undefined
    totals?: Map<string, Money> | undefined
  }
  /** Format: uuid. */
  commentId: string
}

export interface UpdateCommentErrors {
  CONFLICT: Comment
  NO_SUCH_ID: {
    /** Format: uuid. */
    commentId: string
  }
}

export interface UpdateCompanyInput {
  changes: {
    /** From 0 to 1. */
    ratio?: number | undefined
    /** At most 20 items. */
    tags?: Tag[] | undefined
  }
  /** Format: uuid. */
  companyId: string
}

export interface UpdateCompanyErrors {
  CONFLICT: Company
  NO_SUCH_ID: {
    /** Format: uuid. */
    companyId: string
  }
}

export interface UpdateContactInput {
  changes: { address?: Address | undefined; labels?: Record<string, string> | undefined }
  /** Format: uuid. */
  contactId: string
}

export interface UpdateContactErrors {
  CONFLICT: Contact
  NO_SUCH_ID: {
    /** Format: uuid. */
    contactId: string
  }
}

export interface UpdateCouponInput {
  changes: { labels?: Record<string, string> | undefined; price?: Money | undefined }
  /** Format: uuid. */
  couponId: string
}

export interface UpdateCouponErrors {
  CONFLICT: Coupon
  NO_SUCH_ID: {
    /** Format: uuid. */
    couponId: string
  }
}

export interface UpdateCourseInput {
  changes: {
    /**
     * Where to write to.
     * Format: email.
     */
    email?: string | undefined
    labels?: Record<string, string> | undefined
    source?: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string } | undefined
    totals?: Map<string, Money> | undefined
  }
  /** Format: uuid. */
  courseId: string
}

export interface UpdateCourseErrors {
  CONFLICT: Course
  NO_SUCH_ID: {
    /** Format: uuid. */
    courseId: string
  }
}

export interface UpdateCustomerInput {
  changes: {
    either?: string | number | null | undefined
    picture?: Uint8Array<ArrayBuffer> | undefined
    /** 1 to 120 characters. */
    title?: string | undefined
  }
  /** Format: uuid. */
  customerId: string
}

export interface UpdateCustomerErrors {
  CONFLICT: Customer
  NO_SUCH_ID: {
    /** Format: uuid. */
    customerId: string
  }
}

export interface UpdateDeviceInput {
  changes: {
    /** Default: `true`. */
    isActive?: boolean | undefined
    /** From 0 to 1. */
    ratio?: number | undefined
    status?: 'open' | 'paused' | 'closed' | undefined
    totals?: Map<string, Money> | undefined
  }
  /** Format: uuid. */
  deviceId: string
}

export interface UpdateDeviceErrors {
  CONFLICT: Device
  NO_SUCH_ID: {
    /** Format: uuid. */
    deviceId: string
  }
}

export interface UpdateDocumentInput {
  changes: {
    either?: string | number | null | undefined
    /** From 0 to 1. */
    ratio?: number | undefined
    /** At most 20 items. */
    tags?: Tag[] | undefined
    tree?: TreeNode | undefined
  }
  /** Format: uuid. */
  documentId: string
}

export interface UpdateDocumentErrors {
  CONFLICT: Document
  NO_SUCH_ID: {
    /** Format: uuid. */
    documentId: string
  }
}

export interface UpdateDriverInput {
  changes: {
    /** A whole number. From 0 to 10000. */
    count?: number | undefined
    /** At most 2000 characters. */
    note?: string | undefined
    /** At most 20 items. */
    tags?: Tag[] | undefined
  }
  /** Format: uuid. */
  driverId: string
}

export interface UpdateDriverErrors {
  CONFLICT: Driver
  NO_SUCH_ID: {
    /** Format: uuid. */
    driverId: string
  }
}

export interface UpdateEmployeeInput {
  changes: {
    price?: Money | undefined
    status?: 'open' | 'paused' | 'closed' | undefined
    /** 1 to 120 characters. */
    title?: string | undefined
    /** Format: uri. */
    website?: string | undefined
  }
  /** Format: uuid. */
  employeeId: string
}

export interface UpdateEmployeeErrors {
  CONFLICT: Employee
  NO_SUCH_ID: {
    /** Format: uuid. */
    employeeId: string
  }
}

export interface UpdateInvoiceInput {
  changes: {
    extra?: unknown
    removedAt?: Date | null | undefined
    watchers?: Set<string> | undefined
  }
  /** Format: uuid. */
  invoiceId: string
}

export interface UpdateInvoiceErrors {
  CONFLICT: Invoice
  NO_SUCH_ID: {
    /** Format: uuid. */
    invoiceId: string
  }
}

export interface UpdateIssueInput {
  changes: {
    /** A whole number. From 0 to 10000. */
    count?: number | undefined
    price?: Money | undefined
    tree?: TreeNode | undefined
  }
  /** Format: uuid. */
  issueId: string
}

export interface UpdateIssueErrors {
  CONFLICT: Issue
  NO_SUCH_ID: {
    /** Format: uuid. */
    issueId: string
  }
}

export interface UpdateLessonInput {
  changes: {
    source?: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string } | undefined
    /** At most 20 items. */
    tags?: Tag[] | undefined
  }
  /** Format: uuid. */
  lessonId: string
}

export interface UpdateLessonErrors {
  CONFLICT: Lesson
  NO_SUCH_ID: {
    /** Format: uuid. */
    lessonId: string
  }
}

export interface UpdateMachineInput {
  changes: {
    status?: 'open' | 'paused' | 'closed' | undefined
    tree?: TreeNode | undefined
  }
  /** Format: uuid. */
  machineId: string
}

export interface UpdateMachineErrors {
  CONFLICT: Machine
  NO_SUCH_ID: {
    /** Format: uuid. */
    machineId: string
  }
}

export interface UpdateMeetingInput {
  changes: {
    status?: 'open' | 'paused' | 'closed' | undefined
    /** At most 20 items. */
    tags?: Tag[] | undefined
  }
  /** Format: uuid. */
  meetingId: string
}

export interface UpdateMeetingErrors {
  CONFLICT: Meeting
  NO_SUCH_ID: {
    /** Format: uuid. */
    meetingId: string
  }
}

export interface UpdateMessageInput {
  changes: {
    extra?: unknown
    picture?: Uint8Array<ArrayBuffer> | undefined
    source?: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string } | undefined
    totals?: Map<string, Money> | undefined
  }
  /** Format: uuid. */
  messageId: string
}

export interface UpdateMessageErrors {
  CONFLICT: Message
  NO_SUCH_ID: {
    /** Format: uuid. */
    messageId: string
  }
}

export interface UpdateOrderInput {
  changes: { createdAt?: Date | undefined; watchers?: Set<string> | undefined }
  /** Format: uuid. */
  orderId: string
}

export interface UpdateOrderErrors {
  CONFLICT: Order
  NO_SUCH_ID: {
    /** Format: uuid. */
    orderId: string
  }
}

export interface UpdatePackageInput {
  changes: {
    /** A whole number. From 0 to 10000. */
    count?: number | undefined
    /**
     * Where to write to.
     * Format: email.
     */
    email?: string | undefined
    tree?: TreeNode | undefined
  }
  /** Format: uuid. */
  packageId: string
}

export interface UpdatePackageErrors {
  CONFLICT: Package
  NO_SUCH_ID: {
    /** Format: uuid. */
    packageId: string
  }
}

export interface UpdateParcelInput {
  changes: {
    /**
     * Where to write to.
     * Format: email.
     */
    email?: string | undefined
    removedAt?: Date | null | undefined
    /** 1 to 120 characters. */
    title?: string | undefined
  }
  /** Format: uuid. */
  parcelId: string
}

export interface UpdateParcelErrors {
  CONFLICT: Parcel
  NO_SUCH_ID: {
    /** Format: uuid. */
    parcelId: string
  }
}

export interface UpdatePaymentInput {
  changes: {
    /** A whole number. From 0 to 10000. */
    count?: number | undefined
    either?: string | number | null | undefined
    labels?: Record<string, string> | undefined
    /** 1 to 120 characters. */
    title?: string | undefined
  }
  /** Format: uuid. */
  paymentId: string
}

export interface UpdatePaymentErrors {
  CONFLICT: Payment
  NO_SUCH_ID: {
    /** Format: uuid. */
    paymentId: string
  }
}

export interface UpdatePersonInput {
  changes: {
    address?: Address | undefined
    /** Default: `true`. */
    isActive?: boolean | undefined
    totals?: Map<string, Money> | undefined
  }
  /** Format: uuid. */
  personId: string
}

export interface UpdatePersonErrors {
  CONFLICT: Person
  NO_SUCH_ID: {
    /** Format: uuid. */
    personId: string
  }
}

export interface UpdateProductInput {
  changes: {
    address?: Address | undefined
    status?: 'open' | 'paused' | 'closed' | undefined
    /** 1 to 120 characters. */
    title?: string | undefined
  }
  /** Format: uuid. */
  productId: string
}

export interface UpdateProductErrors {
  CONFLICT: Product
  NO_SUCH_ID: {
    /** Format: uuid. */
    productId: string
  }
}

export interface UpdateProjectInput {
  changes: { extra?: unknown; picture?: Uint8Array<ArrayBuffer> | undefined }
  /** Format: uuid. */
  projectId: string
}

export interface UpdateProjectErrors {
  CONFLICT: Project
  NO_SUCH_ID: {
    /** Format: uuid. */
    projectId: string
  }
}

export interface UpdateRefundInput {
  changes: {
    position?: [number, number] | undefined
    /** From 0 to 1. */
    ratio?: number | undefined
    /** At most 20 items. */
    tags?: Tag[] | undefined
    watchers?: Set<string> | undefined
  }
  /** Format: uuid. */
  refundId: string
}

export interface UpdateRefundErrors {
  CONFLICT: Refund
  NO_SUCH_ID: {
    /** Format: uuid. */
    refundId: string
  }
}

export interface UpdateReportInput {
  changes: {
    /** A whole number. From 0 to 10000. */
    count?: number | undefined
    createdAt?: Date | undefined
    either?: string | number | null | undefined
    source?: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string } | undefined
  }
  /** Format: uuid. */
  reportId: string
}

export interface UpdateReportErrors {
  CONFLICT: Report
  NO_SUCH_ID: {
    /** Format: uuid. */
    reportId: string
  }
}

export interface UpdateReviewInput {
  changes: {
    status?: 'open' | 'paused' | 'closed' | undefined
    /** At most 20 items. */
    tags?: Tag[] | undefined
  }
  /** Format: uuid. */
  reviewId: string
}

export interface UpdateReviewErrors {
  CONFLICT: Review
  NO_SUCH_ID: {
    /** Format: uuid. */
    reviewId: string
  }
}

export interface UpdateRoomInput {
  changes: {
    /** A whole number. From 0 to 10000. */
    count?: number | undefined
    extra?: unknown
    position?: [number, number] | undefined
    price?: Money | undefined
  }
  /** Format: uuid. */
  roomId: string
}

export interface UpdateRoomErrors {
  CONFLICT: Room
  NO_SUCH_ID: {
    /** Format: uuid. */
    roomId: string
  }
}

export interface UpdateRouteInput {
  changes: {
    /**
     * Where to write to.
     * Format: email.
     */
    email?: string | undefined
    /** At most 2000 characters. */
    note?: string | undefined
    /** At most 20 items. */
    tags?: Tag[] | undefined
    /** 1 to 120 characters. */
    title?: string | undefined
  }
  /** Format: uuid. */
  routeId: string
}

export interface UpdateRouteErrors {
  CONFLICT: Route
  NO_SUCH_ID: {
    /** Format: uuid. */
    routeId: string
  }
}

export interface UpdateSensorInput {
  changes: { either?: string | number | null | undefined; tree?: TreeNode | undefined }
  /** Format: uuid. */
  sensorId: string
}

export interface UpdateSensorErrors {
  CONFLICT: Sensor
  NO_SUCH_ID: {
    /** Format: uuid. */
    sensorId: string
  }
}

export interface UpdateShiftInput {
  changes: {
    /** A whole number. From 0 to 10000. */
    count?: number | undefined
    labels?: Record<string, string> | undefined
    removedAt?: Date | null | undefined
  }
  /** Format: uuid. */
  shiftId: string
}

export interface UpdateShiftErrors {
  CONFLICT: Shift
  NO_SUCH_ID: {
    /** Format: uuid. */
    shiftId: string
  }
}

export interface UpdateStockInput {
  changes: {
    picture?: Uint8Array<ArrayBuffer> | undefined
    price?: Money | undefined
    source?: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string } | undefined
    totals?: Map<string, Money> | undefined
  }
  /** Format: uuid. */
  stockId: string
}

export interface UpdateStockErrors {
  CONFLICT: Stock
  NO_SUCH_ID: {
    /** Format: uuid. */
    stockId: string
  }
}

export interface UpdateStoreInput {
  changes: {
    createdAt?: Date | undefined
    /** At most 2000 characters. */
    note?: string | undefined
    /** From 0 to 1. */
    ratio?: number | undefined
    watchers?: Set<string> | undefined
  }
  /** Format: uuid. */
  storeId: string
}

export interface UpdateStoreErrors {
  CONFLICT: Store
  NO_SUCH_ID: {
    /** Format: uuid. */
    storeId: string
  }
}

export interface UpdateSupplierInput {
  changes: {
    position?: [number, number] | undefined
    /** From 0 to 1. */
    ratio?: number | undefined
    totals?: Map<string, Money> | undefined
  }
  /** Format: uuid. */
  supplierId: string
}

export interface UpdateSupplierErrors {
  CONFLICT: Supplier
  NO_SUCH_ID: {
    /** Format: uuid. */
    supplierId: string
  }
}

export interface UpdateSurveyInput {
  changes: {
    address?: Address | undefined
    labels?: Record<string, string> | undefined
    status?: 'open' | 'paused' | 'closed' | undefined
    totals?: Map<string, Money> | undefined
  }
  /** Format: uuid. */
  surveyId: string
}

export interface UpdateSurveyErrors {
  CONFLICT: Survey
  NO_SUCH_ID: {
    /** Format: uuid. */
    surveyId: string
  }
}

export interface UpdateTaskInput {
  changes: {
    /**
     * Where to write to.
     * Format: email.
     */
    email?: string | undefined
    /** At most 2000 characters. */
    note?: string | undefined
    /** From 0 to 1. */
    ratio?: number | undefined
    removedAt?: Date | null | undefined
  }
  /** Format: uuid. */
  taskId: string
}

export interface UpdateTaskErrors {
  CONFLICT: Task
  NO_SUCH_ID: {
    /** Format: uuid. */
    taskId: string
  }
}

export interface UpdateTeamInput {
  changes: {
    address?: Address | undefined
    source?: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string } | undefined
  }
  /** Format: uuid. */
  teamId: string
}

export interface UpdateTeamErrors {
  CONFLICT: Team
  NO_SUCH_ID: {
    /** Format: uuid. */
    teamId: string
  }
}

export interface UpdateTicketInput {
  changes: {
    createdAt?: Date | undefined
    position?: [number, number] | undefined
    source?: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string } | undefined
  }
  /** Format: uuid. */
  ticketId: string
}

export interface UpdateTicketErrors {
  CONFLICT: Ticket
  NO_SUCH_ID: {
    /** Format: uuid. */
    ticketId: string
  }
}

export interface UpdateTripInput {
  changes: {
    createdAt?: Date | undefined
    either?: string | number | null | undefined
    source?: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string } | undefined
    status?: 'open' | 'paused' | 'closed' | undefined
  }
  /** Format: uuid. */
  tripId: string
}

export interface UpdateTripErrors {
  CONFLICT: Trip
  NO_SUCH_ID: {
    /** Format: uuid. */
    tripId: string
  }
}

export interface UpdateVehicleInput {
  changes: {
    address?: Address | undefined
    /** At most 2000 characters. */
    note?: string | undefined
    /** 1 to 120 characters. */
    title?: string | undefined
  }
  /** Format: uuid. */
  vehicleId: string
}

export interface UpdateVehicleErrors {
  CONFLICT: Vehicle
  NO_SUCH_ID: {
    /** Format: uuid. */
    vehicleId: string
  }
}

export interface UpdateVendorInput {
  changes: {
    picture?: Uint8Array<ArrayBuffer> | undefined
    status?: 'open' | 'paused' | 'closed' | undefined
    watchers?: Set<string> | undefined
  }
  /** Format: uuid. */
  vendorId: string
}

export interface UpdateVendorErrors {
  CONFLICT: Vendor
  NO_SUCH_ID: {
    /** Format: uuid. */
    vendorId: string
  }
}

export interface UpdateVisitInput {
  changes: {
    /** Default: `true`. */
    isActive?: boolean | undefined
    /** At most 20 items. */
    tags?: Tag[] | undefined
  }
  /** Format: uuid. */
  visitId: string
}

export interface UpdateVisitErrors {
  CONFLICT: Visit
  NO_SUCH_ID: {
    /** Format: uuid. */
    visitId: string
  }
}

export interface UpdateVoucherInput {
  changes: {
    address?: Address | undefined
    /** Default: `true`. */
    isActive?: boolean | undefined
    /** Format: uri. */
    website?: string | undefined
  }
  /** Format: uuid. */
  voucherId: string
}

export interface UpdateVoucherErrors {
  CONFLICT: Voucher
  NO_SUCH_ID: {
    /** Format: uuid. */
    voucherId: string
  }
}

export interface UpdateWarehouseInput {
  changes: {
    /**
     * Where to write to.
     * Format: email.
     */
    email?: string | undefined
    /** At most 2000 characters. */
    note?: string | undefined
    tree?: TreeNode | undefined
  }
  /** Format: uuid. */
  warehouseId: string
}

export interface UpdateWarehouseErrors {
  CONFLICT: Warehouse
  NO_SUCH_ID: {
    /** Format: uuid. */
    warehouseId: string
  }
}

export interface CouponSeenEventInput {
  /** Format: uuid. */
  couponId: string
}

export interface CourseSeenEventInput {
  /** Format: uuid. */
  courseId: string
}

export interface CustomerSeenEventInput {
  /** Format: uuid. */
  customerId: string
}

export interface DeviceSeenEventInput {
  /** Format: uuid. */
  deviceId: string
}

export interface DocumentSeenEventInput {
  /** Format: uuid. */
  documentId: string
}

export interface DriverSeenEventInput {
  /** Format: uuid. */
  driverId: string
}

export interface EmployeeSeenEventInput {
  /** Format: uuid. */
  employeeId: string
}

export interface InvoiceSeenEventInput {
  /** Format: uuid. */
  invoiceId: string
}

export interface IssueSeenEventInput {
  /** Format: uuid. */
  issueId: string
}

export interface LessonSeenEventInput {
  /** Format: uuid. */
  lessonId: string
}

export interface RefundRoomParams {
  /** Format: uuid. */
  refundId: string
}

export interface RefundRoomPresence {
  name: string
}

export interface ReportRoomParams {
  /** Format: uuid. */
  reportId: string
}

export interface ReportRoomPresence {
  name: string
}

export interface ReviewRoomParams {
  /** Format: uuid. */
  reviewId: string
}

export interface ReviewRoomPresence {
  name: string
}

export interface RoomRoomParams {
  /** Format: uuid. */
  roomId: string
}

export interface RoomRoomPresence {
  name: string
}

export interface RouteRoomParams {
  /** Format: uuid. */
  routeId: string
}

export interface RouteRoomPresence {
  name: string
}

export interface SensorRoomParams {
  /** Format: uuid. */
  sensorId: string
}

export interface SensorRoomPresence {
  name: string
}

export interface ShiftRoomParams {
  /** Format: uuid. */
  shiftId: string
}

export interface ShiftRoomPresence {
  name: string
}

export interface StockRoomParams {
  /** Format: uuid. */
  stockId: string
}

export interface StockRoomPresence {
  name: string
}

export interface StoreRoomParams {
  /** Format: uuid. */
  storeId: string
}

export interface StoreRoomPresence {
  name: string
}

export interface SupplierRoomParams {
  /** Format: uuid. */
  supplierId: string
}

export interface SupplierRoomPresence {
  name: string
}

/** One account. */
export interface Account {
  /** Format: uuid. */
  accountId: string
  either: string | number | null
  removedAt: Date | null
  /** 1 to 120 characters. */
  title: string
  watchers: Set<string>
  /** Format: uri. */
  website?: string | undefined
}

/** Where something is, or goes to. */
export interface Address {
  city: string
  /** 2 characters. */
  country: string
  /** At most 200 characters. */
  street: string
  /** Matches `^\d{4,5}$`. */
  zip: string
}

/** One article. */
export interface Article {
  /** Format: uuid. */
  articleId: string
  createdAt: Date
  either: string | number | null
  extra: unknown
  /** Default: `true`. */
  isActive: boolean
  status: 'open' | 'paused' | 'closed'
  /** At most 20 items. */
  tags: Tag[]
  /** 1 to 120 characters. */
  title: string
  totals: Map<string, Money>
}

/** One basket. */
export interface Basket {
  /** Format: uuid. */
  basketId: string
  createdAt: Date
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  extra: unknown
  /** At most 2000 characters. */
  note?: string | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
  /** From 0 to 1. */
  ratio: number
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  /** At most 20 items. */
  tags: Tag[]
  /** 1 to 120 characters. */
  title: string
}

/** One booking. */
export interface Booking {
  /** Format: uuid. */
  bookingId: string
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  /** At most 2000 characters. */
  note?: string | undefined
  /** From 0 to 1. */
  ratio: number
  status: 'open' | 'paused' | 'closed'
}

/** One branch. */
export interface Branch {
  address?: Address | undefined
  /** Format: uuid. */
  branchId: string
  createdAt: Date
  /** At most 2000 characters. */
  note?: string | undefined
  /** From 0 to 1. */
  ratio: number
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
}

/** One campaign. */
export interface Campaign {
  address?: Address | undefined
  /** Format: uuid. */
  campaignId: string
  position: [number, number]
  price: Money
  /** From 0 to 1. */
  ratio: number
  removedAt: Date | null
  /** 1 to 120 characters. */
  title: string
  tree: TreeNode
  /** Format: uri. */
  website?: string | undefined
}

/** One channel. */
export interface Channel {
  /** Format: uuid. */
  channelId: string
  /** A whole number. From 0 to 10000. */
  count: number
  labels: Record<string, string>
  /** At most 2000 characters. */
  note?: string | undefined
  position: [number, number]
  price: Money
  /** From 0 to 1. */
  ratio: number
  status: 'open' | 'paused' | 'closed'
  watchers: Set<string>
  /** Format: uri. */
  website?: string | undefined
}

/** One comment. */
export interface Comment {
  /** Format: uuid. */
  commentId: string
  either: string | number | null
  /** From 0 to 1. */
  ratio: number
  status: 'open' | 'paused' | 'closed'
  /** At most 20 items. */
  tags: Tag[]
  totals: Map<string, Money>
  watchers: Set<string>
}

/** One company. */
export interface Company {
  /** Format: uuid. */
  companyId: string
  /** A whole number. From 0 to 10000. */
  count: number
  createdAt: Date
  either: string | number | null
  labels: Record<string, string>
  /** From 0 to 1. */
  ratio: number
  status: 'open' | 'paused' | 'closed'
  /** At most 20 items. */
  tags: Tag[]
  /** 1 to 120 characters. */
  title: string
}

/** One contact. */
export interface Contact {
  /** Format: uuid. */
  contactId: string
  createdAt: Date
  either: string | number | null
  position: [number, number]
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
}

/** One coupon. */
export interface Coupon {
  address?: Address | undefined
  /** Format: uuid. */
  couponId: string
  either: string | number | null
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  extra: unknown
  removedAt: Date | null
  status: 'open' | 'paused' | 'closed'
  tree: TreeNode
}

/** One course. */
export interface Course {
  /** Format: uuid. */
  courseId: string
  either: string | number | null
  labels: Record<string, string>
  picture?: Uint8Array<ArrayBuffer> | undefined
  removedAt: Date | null
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  totals: Map<string, Money>
}

/** One customer. */
export interface Customer {
  /** A whole number. From 0 to 10000. */
  count: number
  createdAt: Date
  /** Format: uuid. */
  customerId: string
  either: string | number | null
  position: [number, number]
  removedAt: Date | null
  status: 'open' | 'paused' | 'closed'
  /** 1 to 120 characters. */
  title: string
}

/** One device. */
export interface Device {
  /** Format: uuid. */
  deviceId: string
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  /** Default: `true`. */
  isActive: boolean
  labels: Record<string, string>
  picture?: Uint8Array<ArrayBuffer> | undefined
  /** From 0 to 1. */
  ratio: number
  /** 1 to 120 characters. */
  title: string
  watchers: Set<string>
}

/** One document. */
export interface Document {
  /** Format: uuid. */
  documentId: string
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  /** At most 2000 characters. */
  note?: string | undefined
  /** At most 20 items. */
  tags: Tag[]
  /** Format: uri. */
  website?: string | undefined
}

/** One driver. */
export interface Driver {
  address?: Address | undefined
  createdAt: Date
  /** Format: uuid. */
  driverId: string
  labels: Record<string, string>
  removedAt: Date | null
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  status: 'open' | 'paused' | 'closed'
  /** At most 20 items. */
  tags: Tag[]
}

/** One employee. */
export interface Employee {
  /** Format: uuid. */
  employeeId: string
  extra: unknown
  /** From 0 to 1. */
  ratio: number
  /** At most 20 items. */
  tags: Tag[]
  watchers: Set<string>
  /** Format: uri. */
  website?: string | undefined
}

/** One invoice. */
export interface Invoice {
  address?: Address | undefined
  extra: unknown
  /** Format: uuid. */
  invoiceId: string
  /** Default: `true`. */
  isActive: boolean
  /** At most 2000 characters. */
  note?: string | undefined
  status: 'open' | 'paused' | 'closed'
  /** At most 20 items. */
  tags: Tag[]
  tree: TreeNode
}

/** One issue. */
export interface Issue {
  address?: Address | undefined
  extra: unknown
  /** Default: `true`. */
  isActive: boolean
  /** Format: uuid. */
  issueId: string
  labels: Record<string, string>
  /** At most 2000 characters. */
  note?: string | undefined
  /** From 0 to 1. */
  ratio: number
  removedAt: Date | null
}

/** One lesson. */
export interface Lesson {
  either: string | number | null
  /** Format: uuid. */
  lessonId: string
  picture?: Uint8Array<ArrayBuffer> | undefined
  price: Money
  removedAt: Date | null
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  /** 1 to 120 characters. */
  title: string
  totals: Map<string, Money>
  watchers: Set<string>
}

/** One machine. */
export interface Machine {
  extra: unknown
  /** Format: uuid. */
  machineId: string
  picture?: Uint8Array<ArrayBuffer> | undefined
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  /** At most 20 items. */
  tags: Tag[]
  tree: TreeNode
}

/** One meeting. */
export interface Meeting {
  createdAt: Date
  labels: Record<string, string>
  /** Format: uuid. */
  meetingId: string
  picture?: Uint8Array<ArrayBuffer> | undefined
  position: [number, number]
  tree: TreeNode
}

/** One message. */
export interface Message {
  /** A whole number. From 0 to 10000. */
  count: number
  /** Default: `true`. */
  isActive: boolean
  labels: Record<string, string>
  /** Format: uuid. */
  messageId: string
  /** At most 2000 characters. */
  note?: string | undefined
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  /** 1 to 120 characters. */
  title: string
  tree: TreeNode
  watchers: Set<string>
}

export interface Money {
  amount: bigint
  currency: 'EUR' | 'USD' | 'CHF'
}

/** One order. */
export interface Order {
  address?: Address | undefined
  either: string | number | null
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  extra: unknown
  /** Format: uuid. */
  orderId: string
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  /** At most 20 items. */
  tags: Tag[]
  totals: Map<string, Money>
  watchers: Set<string>
}

/** One package. */
export interface Package {
  either: string | number | null
  extra: unknown
  /** Default: `true`. */
  isActive: boolean
  labels: Record<string, string>
  /** Format: uuid. */
  packageId: string
  picture?: Uint8Array<ArrayBuffer> | undefined
  price: Money
  removedAt: Date | null
  tree: TreeNode
  /** Format: uri. */
  website?: string | undefined
}

/** One parcel. */
export interface Parcel {
  /** A whole number. From 0 to 10000. */
  count: number
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  /** Default: `true`. */
  isActive: boolean
  /** At most 2000 characters. */
  note?: string | undefined
  /** Format: uuid. */
  parcelId: string
  removedAt: Date | null
  /** 1 to 120 characters. */
  title: string
  totals: Map<string, Money>
  tree: TreeNode
  watchers: Set<string>
}

/** One payment. */
export interface Payment {
  address?: Address | undefined
  /** A whole number. From 0 to 10000. */
  count: number
  either: string | number | null
  /** At most 2000 characters. */
  note?: string | undefined
  /** Format: uuid. */
  paymentId: string
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
}

/** One person. */
export interface Person {
  labels: Record<string, string>
  /** Format: uuid. */
  personId: string
  status: 'open' | 'paused' | 'closed'
  totals: Map<string, Money>
  tree: TreeNode
}

/** One product. */
export interface Product {
  labels: Record<string, string>
  position: [number, number]
  /** Format: uuid. */
  productId: string
  /** 1 to 120 characters. */
  title: string
  totals: Map<string, Money>
}

/** One project. */
export interface Project {
  /** A whole number. From 0 to 10000. */
  count: number
  extra: unknown
  /** Default: `true`. */
  isActive: boolean
  /** At most 2000 characters. */
  note?: string | undefined
  /** Format: uuid. */
  projectId: string
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  /** At most 20 items. */
  tags: Tag[]
  /** 1 to 120 characters. */
  title: string
  totals: Map<string, Money>
  tree: TreeNode
}

/** One refund. */
export interface Refund {
  either: string | number | null
  extra: unknown
  labels: Record<string, string>
  position: [number, number]
  price: Money
  /** Format: uuid. */
  refundId: string
  /** At most 20 items. */
  tags: Tag[]
  /** 1 to 120 characters. */
  title: string
  tree: TreeNode
  watchers: Set<string>
}

/** One report. */
export interface Report {
  /** A whole number. From 0 to 10000. */
  count: number
  /** Default: `true`. */
  isActive: boolean
  labels: Record<string, string>
  /** At most 2000 characters. */
  note?: string | undefined
  /** Format: uuid. */
  reportId: string
}

/** One review. */
export interface Review {
  createdAt: Date
  /** Default: `true`. */
  isActive: boolean
  labels: Record<string, string>
  position: [number, number]
  price: Money
  /** From 0 to 1. */
  ratio: number
  /** Format: uuid. */
  reviewId: string
  tree: TreeNode
  watchers: Set<string>
  /** Format: uri. */
  website?: string | undefined
}

/** One room. */
export interface Room {
  address?: Address | undefined
  /** Default: `true`. */
  isActive: boolean
  /** Format: uuid. */
  roomId: string
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  status: 'open' | 'paused' | 'closed'
  totals: Map<string, Money>
}

/** One route. */
export interface Route {
  address?: Address | undefined
  createdAt: Date
  either: string | number | null
  /** Format: uuid. */
  routeId: string
  status: 'open' | 'paused' | 'closed'
}

/** One sensor. */
export interface Sensor {
  either: string | number | null
  /** At most 2000 characters. */
  note?: string | undefined
  position: [number, number]
  /** From 0 to 1. */
  ratio: number
  removedAt: Date | null
  /** Format: uuid. */
  sensorId: string
  totals: Map<string, Money>
  tree: TreeNode
}

/** One shift. */
export interface Shift {
  extra: unknown
  picture?: Uint8Array<ArrayBuffer> | undefined
  price: Money
  removedAt: Date | null
  /** Format: uuid. */
  shiftId: string
}

/** One stock. */
export interface Stock {
  either: string | number | null
  /** Format: uuid. */
  stockId: string
  /** 1 to 120 characters. */
  title: string
  totals: Map<string, Money>
  tree: TreeNode
}

/** One store. */
export interface Store {
  createdAt: Date
  extra: unknown
  /** Default: `true`. */
  isActive: boolean
  position: [number, number]
  /** From 0 to 1. */
  ratio: number
  removedAt: Date | null
  /** Format: uuid. */
  storeId: string
  /** At most 20 items. */
  tags: Tag[]
  /** 1 to 120 characters. */
  title: string
  /** Format: uri. */
  website?: string | undefined
}

/** One supplier. */
export interface Supplier {
  labels: Record<string, string>
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  status: 'open' | 'paused' | 'closed'
  /** Format: uuid. */
  supplierId: string
  /** 1 to 120 characters. */
  title: string
  totals: Map<string, Money>
}

/** One survey. */
export interface Survey {
  address?: Address | undefined
  createdAt: Date
  picture?: Uint8Array<ArrayBuffer> | undefined
  price: Money
  /** Format: uuid. */
  surveyId: string
}

export interface Tag {
  color?: 'red' | 'green' | 'blue' | undefined
  /** 1 to 40 characters. */
  name: string
}

/** One task. */
export interface Task {
  createdAt: Date
  labels: Record<string, string>
  /** At most 2000 characters. */
  note?: string | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
  price: Money
  status: 'open' | 'paused' | 'closed'
  /** Format: uuid. */
  taskId: string
  /** 1 to 120 characters. */
  title: string
  totals: Map<string, Money>
}

/** One team. */
export interface Team {
  /** A whole number. From 0 to 10000. */
  count: number
  /** Default: `true`. */
  isActive: boolean
  price: Money
  /** Format: uuid. */
  teamId: string
  totals: Map<string, Money>
}

/** One ticket. */
export interface Ticket {
  /** Default: `true`. */
  isActive: boolean
  /** At most 2000 characters. */
  note?: string | undefined
  picture?: Uint8Array<ArrayBuffer> | undefined
  /** From 0 to 1. */
  ratio: number
  /** Format: uuid. */
  ticketId: string
}

export interface TreeNode {
  children: TreeNode[]
  label: string
}

/** One trip. */
export interface Trip {
  address?: Address | undefined
  extra: unknown
  /** At most 2000 characters. */
  note?: string | undefined
  price: Money
  status: 'open' | 'paused' | 'closed'
  /** 1 to 120 characters. */
  title: string
  /** Format: uuid. */
  tripId: string
  watchers: Set<string>
  /** Format: uri. */
  website?: string | undefined
}

/** One vehicle. */
export interface Vehicle {
  /** A whole number. From 0 to 10000. */
  count: number
  extra: unknown
  labels: Record<string, string>
  picture?: Uint8Array<ArrayBuffer> | undefined
  position: [number, number]
  removedAt: Date | null
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  /** Format: uuid. */
  vehicleId: string
}

/** One vendor. */
export interface Vendor {
  address?: Address | undefined
  either: string | number | null
  labels: Record<string, string>
  picture?: Uint8Array<ArrayBuffer> | undefined
  price: Money
  /** From 0 to 1. */
  ratio: number
  /** Format: uuid. */
  vendorId: string
  watchers: Set<string>
}

/** One visit. */
export interface Visit {
  createdAt: Date
  either: string | number | null
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  extra: unknown
  /** From 0 to 1. */
  ratio: number
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  status: 'open' | 'paused' | 'closed'
  /** Format: uuid. */
  visitId: string
  watchers: Set<string>
  /** Format: uri. */
  website?: string | undefined
}

/** One voucher. */
export interface Voucher {
  extra: unknown
  picture?: Uint8Array<ArrayBuffer> | undefined
  position: [number, number]
  removedAt: Date | null
  source: { file: string; kind: 'import' } | { at: Date; kind: 'user'; userId: string }
  /** At most 20 items. */
  tags: Tag[]
  /** 1 to 120 characters. */
  title: string
  totals: Map<string, Money>
  tree: TreeNode
  /** Format: uuid. */
  voucherId: string
}

/** One warehouse. */
export interface Warehouse {
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  labels: Record<string, string>
  picture?: Uint8Array<ArrayBuffer> | undefined
  /** At most 20 items. */
  tags: Tag[]
  totals: Map<string, Money>
  /** Format: uuid. */
  warehouseId: string
}
